// status.js - the record tab: date and place of death are asked for when 死亡 is chosen.

export function startStatus() {
  const details = document.querySelector("[data-when-status]");
  if (!details) return;
  const update = () => {
    const chosen = document.querySelector("input[name=status]:checked")?.value;
    details.classList.toggle("is-off", chosen !== details.dataset.whenStatus);
  };
  for (const radio of document.querySelectorAll("input[name=status]")) radio.addEventListener("change", update);
  update();
}
