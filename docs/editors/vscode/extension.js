// Starts `scenario lsp` and lets VS Code talk to it. Everything else is the server's.
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

function start() {
    const folder = vscode.workspace.workspaceFolders?.[0];
    const settings = vscode.workspace.getConfiguration("scenario");
    const server = {
        command: settings.get("path"),
        args: ["lsp"],
        options: { cwd: folder?.uri.fsPath },
    };
    client = new LanguageClient("scenario", "Scenario", server, {
        documentSelector: [{ scheme: "file", language: "rhai" }, { scheme: "untitled", language: "rhai" }],
        outputChannelName: "Scenario",
    });
    return client.start().catch((error) => {
        const told = `Scenario: cannot start "${server.command} lsp": ${error.message ?? error}. Set "scenario.path".`;
        vscode.window.showErrorMessage(told);
    });
}

async function activate(context) {
    context.subscriptions.push(
        vscode.commands.registerCommand("scenario.restart", async () => {
            await client?.stop().catch(() => {});
            await start();
        }),
        vscode.commands.registerCommand("scenario.showOutput", () => client?.outputChannel.show()),
    );
    await start();
}

function deactivate() {
    return client?.stop();
}

module.exports = { activate, deactivate };
