// furigana.js - suggests the furigana of a name from what was typed before the conversion into kanji.

const PAIRS = { family_name: "family_kana", given_name: "given_kana" };
const KANA_ONLY = /^[\u3041-\u3096\u30a1-\u30fa\u30fc]+$/;
const toKatakana = (text) => text.replace(/[\u3041-\u3096]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0x60));

export function startFurigana(form) {
  for (const [name, kana] of Object.entries(PAIRS)) {
    const from = form.elements[name], to = form.elements[kana];
    if (!from || !to) continue;
    let reading = "", own = to.value !== "";
    to.addEventListener("input", (event) => (own = event.isTrusted && to.value !== ""));
    from.addEventListener("compositionstart", () => (reading = ""));
    from.addEventListener("compositionupdate", (event) => {
      // Before the conversion the text is kana alone; the longest such text is the reading.
      if (KANA_ONLY.test(event.data)) reading = event.data;
    });
    from.addEventListener("compositionend", () => {
      if (own || reading === "") return;
      to.value += toKatakana(reading);
      reading = "";
      to.dispatchEvent(new Event("input", { bubbles: true }));
    });
    from.addEventListener("input", () => {
      if (from.value === "" && !own) to.value = "";
    });
  }
}
