// same.js - who may be the same person, below the form while it is typed: what templates/same_found.html shows without JavaScript.
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const aside = (text) => make("span", { class: "visually-hidden" }, text);

function item(one) {
  const told = make("input", { type: "checkbox", name: "different", value: one.number, ...(one.different && { checked: "" }) });
  const buttons = [make("a", { class: "button secondary small", href: one.path, target: "_blank", rel: "noopener" }, "開く", aside(`（${one.id}、新しいタブ）`))];
  if (one.further) buttons.push(make("a", { class: "button secondary small", href: one.further }, "追加登録へ", aside(`（${one.id}）`)));
  buttons.push(make("label", { class: "option" }, told, "別の方", aside(`（${one.id}）`)));
  return make("li", {}, make("strong", {}, one.name), `　${one.kana}　${one.birth}`, make("span", { class: "sub" }, `${one.id}　${one.reported}`),
    make("span", { class: "sub" }, one.words), make("span", { class: "buttons" }, ...buttons));
}

// Leaves what is shown alone while it says the same, or while somebody is in it.
export function showSame(found) {
  const box = document.getElementById("same");
  const shown = found.map((one) => one.number + one.words).join();
  if (box.dataset.shown === shown || box.contains(document.activeElement)) return;
  box.dataset.shown = shown;
  box.replaceChildren(...(found.length === 0 ? [] : [make("section", { class: "same-found", "aria-label": "似た方" },
    make("p", { class: "same-title" }, make("strong", {}, `似た方がいます（${found.length}人）`), "　同じ方であれば、新しい患者にせず「追加登録へ」。再感染や別の方であれば、このまま続けてください。"),
    make("ul", {}, ...found.map(item)))]));
}
