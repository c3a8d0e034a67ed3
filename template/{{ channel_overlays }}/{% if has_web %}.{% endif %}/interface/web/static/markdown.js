// Shows a model's text: paragraphs, headings, lists, quotes, code, bold, italic and links; the rest stays text.
// Only text nodes and the elements named here are ever created, so no answer can bring its own markup.

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)/;
const BULLET = /^( {0,3}[-*+] +)(?=\S)/;
const NUMBER = /^( {0,3}(\d{1,9})[.)] +)(?=\S)/;
const QUOTE = /^ {0,3}> ?/;
const HEADING = /^ {0,3}#{1,6} +(?=\S)/;
const DEEPEST = 5;

// Bounded repeats keep the cost linear in the text, whatever it holds.
const INLINE = [
  [/`([^`\n]{1,1000})`/y, (match) => element("code", match[1])],
  [/\[([^[\]\n]{1,500})\]\(((?:[^\s()<>]|\([^\s()<>]{0,500}\)){1,2000})\)/y, (match) => link(match[2], match[1])],
  [/\*\*(?=\S)([^\n]{0,500}?\S)\*\*(?!\*)/y, (match) => withInline("strong", match[1])],
  [/\*(?=[^\s*])([^*\n]{0,500}?[^\s*])\*(?!\*)/y, (match) => withInline("em", match[1])],
  [/(?<!\w)_(?=[^\s_])([^_\n]{0,500}?[^\s_])_(?!\w)/y, (match) => withInline("em", match[1])],
  [
    /(?<!\w)https?:\/\/(?=[\w\u00a1-\uffff])[^\s<>"'*`]{1,2000}?(?=[.,;:!?)\]}]{0,9}(?:[\s<>"'*`]|$))/y,
    (match) => link(match[0], match[0]),
  ],
];

/** Shows `text` in `container`; called again with a longer text it touches only the blocks that changed. */
export function renderMarkdown(container, text) {
  const blocks = splitBlocks(text.replaceAll("\r\n", "\n").split("\n"));
  const shown = container.shownBlocks ?? [];
  const sources = blocks.map((block) => block.lines.join("\n"));
  let same = 0;
  while (same < sources.length && sources[same] === shown[same]) same += 1;
  while (container.childNodes.length > same) container.lastChild.remove();
  for (const block of blocks.slice(same)) {
    const node = renderBlock(block, 0);
    node.dir ||= "auto"; // Each block runs the way its own text does.
    container.append(node);
  }
  container.shownBlocks = sources;
}

/** Returns [{kind, lines}]; a list holds all its items, a fence its closing line. */
function splitBlocks(lines) {
  const blocks = [];
  let at = 0;
  while (at < lines.length) {
    if (!lines[at].trim()) {
      at += 1;
      continue;
    }
    const kind = kindOf(lines[at]);
    const end = END_OF[kind](lines, at);
    blocks.push({ kind, lines: lines.slice(at, end) });
    at = end;
  }
  return blocks;
}

function kindOf(line) {
  if (FENCE.test(line)) return "fence";
  if (BULLET.test(line)) return "bullets";
  if (QUOTE.test(line)) return "quote";
  if (HEADING.test(line)) return "heading";
  return NUMBER.test(line) ? "numbers" : "paragraph";
}

const END_OF = {
  fence(lines, start) {
    const [, mark] = lines[start].match(FENCE);
    let end = start + 1;
    while (end < lines.length && !closesFence(lines[end], mark)) end += 1;
    return Math.min(end + 1, lines.length);
  },

  heading: (lines, start) => start + 1,
  paragraph: (lines, start) => endOfRun(lines, start, "paragraph"),
  quote: (lines, start) => endOfRun(lines, start, "quote"),

  bullets: (lines, start) => endOfList(lines, start, "bullets"),
  numbers: (lines, start) => endOfList(lines, start, "numbers"),
};

const closesFence = (line, mark) => /^\s*(`{3,}|~{3,})\s*$/.test(line) && line.trim().startsWith(mark);

function endOfRun(lines, start, kind) {
  let end = start + 1;
  while (end < lines.length && lines[end].trim() && kindOf(lines[end]) === kind) end += 1;
  return end;
}

/** A list goes on over blank lines as long as an item of its kind or an indented line follows. */
function endOfList(lines, start, kind) {
  let end = start + 1;
  for (let at = end; at < lines.length; at += 1) {
    if (!lines[at].trim()) continue;
    const afterBlank = !lines[at - 1].trim();
    const indented = /^( {2}|\t)/.test(lines[at]);
    const lazy = !afterBlank && kindOf(lines[at]) === "paragraph";
    if (kindOf(lines[at]) !== kind && !indented && !lazy) break;
    end = at + 1;
  }
  return end;
}

function renderBlock({ kind, lines }, depth) {
  if (kind === "fence") return renderFence(lines);
  if (kind === "paragraph" || depth > DEEPEST) return renderParagraph(lines);
  if (kind === "heading") return renderHeading(lines[0]);
  if (kind === "quote") return renderQuote(lines, depth);
  return renderList(lines, kind, depth);
}

/** A heading inside an answer is only bold: the page's own headings are its outline. */
function renderHeading(line) {
  const paragraph = element("p");
  paragraph.append(withInline("strong", line.replace(HEADING, "").trim()));
  return paragraph;
}

function renderQuote(lines, depth) {
  const quote = element("blockquote");
  const inner = splitBlocks(lines.map((line) => line.replace(QUOTE, "")));
  quote.append(...inner.map((block) => renderBlock(block, depth + 1)));
  return quote;
}

function renderParagraph(lines) {
  return withInline("p", lines.join("\n").trim());
}

function renderFence(lines) {
  const [, mark, language] = lines[0].match(FENCE);
  const closed = lines.length > 1 && closesFence(lines.at(-1), mark);
  const code = element("code", lines.slice(1, closed ? -1 : undefined).join("\n"));
  const block = element("pre", "", { dir: "ltr", tabIndex: 0 });
  if (language) block.dataset.language = language;
  block.append(code);
  return block;
}

function renderList(lines, kind, depth) {
  const marker = kind === "numbers" ? NUMBER : BULLET;
  const list = element(kind === "numbers" ? "ol" : "ul");
  if (kind === "numbers") list.start = Number(lines[0].match(NUMBER)[2]);
  for (const item of splitItems(lines, marker)) {
    const row = element("li");
    row.append(...splitBlocks(item).map((block) => renderBlock(block, depth + 1)));
    list.append(row);
  }
  return list;
}

function splitItems(lines, marker) {
  const items = [];
  let width = 0;
  for (const line of lines) {
    const match = line.match(marker);
    if (match && !(items.length && leadingSpaces(line) >= width)) {
      width = match[1].length;
      items.push([line.slice(width)]);
    } else {
      // Models indent by two to four; anything up to the item's own width belongs to it.
      items.at(-1).push(line.slice(Math.min(leadingSpaces(line), Math.max(width, 2))));
    }
  }
  return items;
}

const leadingSpaces = (line) => line.length - line.trimStart().length;

function withInline(name, text) {
  const parent = element(name);
  appendInline(parent, text);
  return parent;
}

function appendInline(parent, text) {
  let plainFrom = 0;
  let at = 0;
  while (at < text.length) {
    const [node, length] = inlineAt(text, at);
    if (node) {
      parent.append(text.slice(plainFrom, at), node);
      plainFrom = at + length;
    }
    at += Math.max(length, 1);
  }
  parent.append(text.slice(plainFrom));
}

function inlineAt(text, at) {
  if (!"`[*_h".includes(text[at])) return [null, 1];
  for (const [pattern, build] of INLINE) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    const node = match && build(match);
    if (node) return [node, match[0].length];
  }
  return [null, 1];
}

/** Returns null for an address that is not a web or mail address: its source then stays text. */
function link(address, label) {
  const url = parseUrl(address);
  if (!["http:", "https:", "mailto:"].includes(url?.protocol)) return null;
  return element("a", label, { href: url.href, target: "_blank", rel: "noopener noreferrer", title: url.href });
}

function parseUrl(address) {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

function element(name, text = "", properties = {}) {
  const node = document.createElement(name);
  node.textContent = text;
  return Object.assign(node, properties);
}
