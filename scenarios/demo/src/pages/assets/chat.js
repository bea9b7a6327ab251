// The chat: sends what was written, shows the reply when it comes. Messages may overlap; each reply is put
// behind what is there by then.
"use strict";
const messages = document.getElementById("messages");
const form = document.getElementById("say");
const box = document.getElementById("message");
const typing = document.getElementById("typing");
const problem = document.getElementById("problem");
let waiting = 0;

function add(className, testId, text) {
  const line = document.createElement("li");
  line.className = className;
  line.dataset.testid = testId;
  line.textContent = text;
  messages.append(line);
  messages.scrollTop = messages.scrollHeight;
}

function tell(message) {
  problem.textContent = message;
  problem.hidden = !message;
}

async function say(text) {
  waiting += 1;
  typing.textContent = "The assistant is typing…";
  try {
    const response = await fetch("/api/chat", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text }),
    });
    if (!response.ok) throw new Error(`the assistant does not answer (${response.status})`);
    add("reply", "reply", (await response.json()).reply);
  } catch (error) {
    tell(`Your message was not answered: ${error.message}.`);
  } finally {
    waiting -= 1;
    if (waiting === 0) typing.textContent = "";
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = box.value.trim();
  box.value = "";
  box.focus();
  if (!text) return;
  tell("");
  add("own", "message", text);
  say(text);
});

messages.scrollTop = messages.scrollHeight;
