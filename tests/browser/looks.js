// What the tests ask a page about itself. Each answer is a list with a sentence for every fault.

(() => {
  const CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex='-1'])";
  const SMALLEST_TARGET_PX = 24; // WCAG 2.2, 2.5.8
  const ROUNDING_PX = 0.5;
  // Room for two lines of a message and its author.
  const LEAST_READING_PX = 64;

  const all = (selector) => [...document.querySelectorAll(selector)];
  const styleOf = (element, pseudo) => getComputedStyle(element, pseudo);
  const isClear = (colour) => colour === "transparent" || /^rgba\(.*, 0\)$/.test(colour);

  /** A modal dialog leaves nothing else to be used. */
  const isInert = (element) => {
    const modal = document.querySelector("dialog:modal");
    return Boolean(element.closest("[inert]") || (modal && !modal.contains(element)));
  };

  function isShown(element) {
    if (!element.checkVisibility({ visibilityProperty: true })) return false;
    for (let at = element; at; at = at.parentElement) {
      if (styleOf(at).clipPath === "inset(50%)") return false;
    }
    const { width, height, bottom } = element.getBoundingClientRect();
    return width > 0 && height > 0 && bottom > 0;
  }

  function describe(element, pseudo = "") {
    const classes = [...element.classList].map((name) => `.${name}`).join("");
    const text = (element.getAttribute("aria-label") ?? element.textContent).trim().replace(/\s+/g, " ").slice(0, 30);
    return `${element.localName}${element.id ? `#${element.id}` : classes}${pseudo}${text && ` "${text}"`}`;
  }

  const scrollsSideways = (element) => /auto|scroll/.test(styleOf(element).overflowX) && !element.matches(".scroller");

  function isInsideOwnScroller(element) {
    for (let at = element.parentElement; at; at = at.parentElement) if (scrollsSideways(at)) return true;
    return false;
  }

  const isCut = (element) => {
    const style = styleOf(element);
    const hides = /hidden|clip/.test(style.overflowX) && style.textOverflow !== "ellipsis";
    return hides && !element.matches("body, input") && element.scrollWidth > element.clientWidth + 1;
  };

  /** What a person would have to scroll sideways for, or could not read at all (WCAG 2.2, 1.4.10). */
  function tooWide(width, height) {
    const shown = all("body *").filter((element) => isShown(element) && !isInsideOwnScroller(element));
    const out = shown.filter((element) => {
      const { left, right } = element.getBoundingClientRect();
      return left < -ROUNDING_PX || right > width + ROUNDING_PX;
    });
    const field = document.activeElement?.matches("textarea") ? document.activeElement : document.querySelector("textarea");
    const below = field && isShown(field) && field.getBoundingClientRect().bottom > height + ROUNDING_PX;
    const scroller = document.querySelector(".scroller");
    const squeezed = scroller && isShown(scroller) && scroller.clientHeight < LEAST_READING_PX;
    return [
      ...out.map((element) => `${describe(element)} is out of the page`),
      ...shown.filter(isCut).map((element) => `${describe(element)} is cut`),
      ...(document.documentElement.scrollWidth > width ? ["the page scrolls sideways"] : []),
      ...(below ? [`${describe(field)} is below the page`] : []),
      ...(squeezed ? [`only ${scroller.clientHeight} px are left to read messages`] : []),
    ];
  }

  const isInText = (element) => element.matches(".content a");

  /** What a finger would miss. */
  function smallTargets() {
    return all(CONTROLS)
      .filter((element) => isShown(element) && !isInText(element))
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return Math.min(width, height) < SMALLEST_TARGET_PX - ROUNDING_PX;
      })
      .map((element) => `${describe(element)} is smaller than ${SMALLEST_TARGET_PX} px`);
  }

  /** Everything that only a background shows: icons, dots and surfaces, with the colour of each. */
  function paintings() {
    const found = [];
    for (const element of all("body, body *").filter(isShown)) {
      for (const pseudo of ["", "::before", "::after"]) {
        const style = styleOf(element, pseudo || undefined);
        if (pseudo && (style.content === "none" || style.display === "none")) continue;
        if (style.display === "inline" || isClear(style.backgroundColor)) continue;
        found.push({ element, pseudo });
      }
    }
    return found;
  }

  const hasBorder = (style) =>
    ["Top", "Right", "Bottom", "Left"].some((side) => parseFloat(style[`border${side}Width`]) > 0);

  const hasOutline = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;

  let painted = [];

  /** Remembers what colours show, for `lost`. */
  function remember() {
    const behind = (element) => {
      for (let at = element.parentElement; at; at = at.parentElement) {
        if (!isClear(styleOf(at).backgroundColor)) return styleOf(at).backgroundColor;
      }
      return "";
    };
    painted = paintings().filter(({ element, pseudo }) => {
      const owner = pseudo ? element.firstElementChild ?? element : element;
      return element !== document.body && styleOf(element, pseudo || undefined).backgroundColor !== behind(owner);
    });
  }

  /** What could be seen by its colour alone, and cannot be seen any more in the person's own colours. */
  function lost() {
    const canvas = styleOf(document.body).backgroundColor;
    return painted
      .filter(({ element }) => isShown(element))
      .filter(({ element, pseudo }) => {
        const style = styleOf(element, pseudo || undefined);
        return !hasBorder(style) && !hasOutline(style) && (isClear(style.backgroundColor) || style.backgroundColor === canvas);
      })
      .map(({ element, pseudo }) => `${describe(element, pseudo)} is lost in forced colours`);
  }

  function isMarked(element) {
    for (let at = element; at; at = at.parentElement) {
      if (at.matches(":focus-within") && hasOutline(styleOf(at)) && !isClear(styleOf(at).outlineColor)) return true;
    }
    return false;
  }

  /** Whether something lies over all of it (WCAG 2.2, 2.4.11). */
  function isCovered(element) {
    const { left, top, width, height } = element.getClientRects()[0];
    return [0.5, 0.1, 0.9].every((share) => {
      const above = document.elementFromPoint(left + width * share, top + Math.min(height * share, innerHeight - top - 1));
      return !above || !(element.contains(above) || above.contains(element));
    });
  }

  /** Shows all text in the given letters, {weight: base64}, as those of each machine are others; adds rules. */
  function dress(letters, style) {
    for (const [weight, encoded] of Object.entries(letters)) {
      const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
      document.fonts.add(new FontFace("Letters", bytes, { weight }));
    }
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* { font-family: Letters !important } ${style}`);
    document.adoptedStyleSheets.push(sheet);
  }

  const IDS = [
    [/\d{8}-[0-9A-Z]{6}/g, "20260115-7K2Q4M"],
    [/chat_[0-9a-f]{32}/g, "chat_01a21747000070009000000000000001"],
  ];

  /** Ends what is on its way, and writes the same id for every ticket and chat: the page is the same each time. */
  async function steady() {
    for (const _ of "12") await new Promise(requestAnimationFrame);
    document.getElementById("announcer").textContent = ""; // What was told last depends on the moment.
    for (const animation of document.getAnimations()) {
      if (animation.effect.getComputedTiming().endTime !== Infinity) animation.finish();
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      for (const [id, same] of IDS) texts.currentNode.data = texts.currentNode.data.replace(id, same);
    }
  }

  // The same for every time of day.
  const format = Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, "format").get;
  Object.defineProperty(Intl.DateTimeFormat.prototype, "format", {
    get() {
      return () => format.call(this)(new Date(2026, 0, 15, 9, 41));
    },
  });

  let stops = [];
  // What goes away while it has the focus may hand it on to another.
  const focused = new Set();
  document.addEventListener("focusin", ({ target }) => focused.add(target));

  /** Puts the focus before everything, as it is on a page that was just loaded. */
  function startOver() {
    stops = [];
    focused.clear();
    const start = document.querySelector("dialog:modal") ?? document.body;
    start.tabIndex = -1;
    start.focus();
    start.removeAttribute("tabindex");
  }

  /** Looks at where the Tab key led: null once it has been there before, else its faults. */
  function stop() {
    const element = document.activeElement;
    if (element === stops.at(-1)) return []; // A date has a stop for each of its parts.
    if (!element || element === document.body || stops.includes(element)) return null;
    stops.push(element);
    return [
      ...(isShown(element) ? [] : [`${describe(element)} has the focus and is hidden`]),
      ...(isMarked(element) ? [] : [`${describe(element)} does not show that it has the focus`]),
      ...(isShown(element) && isCovered(element) ? [`${describe(element)} has the focus and is covered`] : []),
    ];
  }

  /** What the Tab key did not lead to. */
  function unreached() {
    return all(CONTROLS)
      .filter((element) => isShown(element) && !element.disabled && !isInert(element) && !focused.has(element))
      .map((element) => `${describe(element)} is not reached with the Tab key`);
  }

  /** What still moves. */
  const moving = () => document.getAnimations().map(({ effect }) => `${describe(effect.target)} moves`);

  // What a screen reader is told, in order.
  const said = [];
  document.addEventListener("DOMContentLoaded", () => {
    const listener = new MutationObserver((changes) => {
      const regions = changes.map(({ target }) => (target.closest ? target : target.parentElement)?.closest(LIVE));
      for (const region of new Set(regions)) {
        const text = region?.ariaLive !== "off" && region?.innerText.trim();
        if (text) said.push(text);
      }
    });
    listener.observe(document.body, { childList: true, characterData: true, subtree: true });
  });
  const LIVE = "[aria-live], [role=status], [role=alert], [role=log]";

  window.looks = { tooWide, smallTargets, remember, lost, startOver, stop, unreached, moving, said, steady, dress };
})();
