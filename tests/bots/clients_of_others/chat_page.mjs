// What a chat page on Vercel's AI SDK does: it keeps the conversation, and sends all of it each time.
//
// node chat_page.mjs ADDRESS KEY MODEL

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  convertToModelMessages,
  generateText,
  readUIMessageStream,
  streamText,
  toUIMessageStream,
} from "ai";

const [baseURL, apiKey, modelId] = process.argv.slice(2);
const provider = (key) =>
  createOpenAICompatible({ name: "bot", baseURL, apiKey: key, includeUsage: true });
const model = provider(apiKey).chatModel(modelId);
const instructions = "You are a pirate.";

let messages = [];
let pieces = 0;

async function ask(text, signal) {
  messages.push({ id: crypto.randomUUID(), role: "user", parts: [{ type: "text", text }] });
  const result = streamText({
    model,
    instructions,
    messages: await convertToModelMessages(messages),
    abortSignal: signal,
  });
  let shown;
  try {
    for await (const message of readUIMessageStream({ stream: toUIMessageStream({ stream: result.stream }) })) {
      shown = message;
      pieces += 1;
    }
  } finally {
    if (shown) messages.push(shown);
  }
  const said = shown.parts.filter(({ type }) => type === "text").map((part) => part.text);
  return { text: said.join(""), finishReason: await result.finishReason, usage: await result.usage };
}

const first = await ask("apples");
const second = await ask("pears");
messages = messages.slice(0, -2);
const instead = await ask("plums");
const whole = await generateText({ model, prompt: "figs" });
let refused;
try {
  await generateText({ model: provider("wrong").chatModel(modelId), prompt: "figs", maxRetries: 2 });
} catch (error) {
  refused = { name: error.name, status: error.statusCode, message: error.message, isRetryable: error.isRetryable };
}
console.log(JSON.stringify({ first, second, instead, whole: whole.text, pieces, refused }));
