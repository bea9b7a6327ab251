// The chat page: sends what is written, and shows new messages as they come.
"use strict";
const messages = document.getElementById("messages");
const form = document.getElementById("say");
const box = form.querySelector("input");

async function refresh() {
  const answer = await fetch("/api/v1/messages");
  if (!answer.ok) return;
  for (const message of (await answer.json()).slice(messages.children.length)) {
    const line = document.createElement("li");
    line.dataset.testid = message.author;
    line.textContent = message.body;
    messages.append(line);
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = box.value;
  box.value = "";
  if (!text) return;
  await fetch("/api/v1/messages", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text }),
  });
});

// Who is faster than this script would send the form to nowhere.
form.querySelector("button").disabled = false;

// One question after the other, so that no answer is shown twice.
(async function live() {
  for (;;) {
    await refresh();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
})();
