// attack.js - somebody who keeps every edition and reckons: everything that the published numbers say of each other goes into a linear
// programme (written here, solved by glpsol, without a line of the product), and each hidden number is narrowed as far as it goes.
// Two of them: one knows what is public, and has an unknown for each hidden number of each edition. The other knows from elsewhere by how
// much every hidden number was corrected from edition to edition, but not the number: one unknown, and what it was then cannot be below 0.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

export const cells = ["m", "f"].flatMap((sex) => Array.from({ length: 10 }, (_, i) => `${sex}${i * 10}`));
export const prefectures = Array.from({ length: 47 }, (_, i) => String(i + 1).padStart(2, "0"));
const areas = ["00", ...prefectures];

export const dayAfter = (day, days) => new Date(Date.parse(day) + days * 86400000).toISOString().slice(0, 10);

// The numbers of one edition, as rows [indicator, area, day, cell, value or null]; behind: "indicator area day cell" -> what a * stands for.
export class Edition {
  constructor(rows, name, behind = new Map()) {
    this.name = name;
    this.behind = behind;
    this.values = new Map(rows.map(([indicator, area, day, cell, value]) => [`${indicator} ${area} ${day} ${cell}`, value]));
    this.weeks = [...new Set(rows.filter(([indicator]) => indicator === 3).map(([, , day]) => day))].sort();
  }
  get(indicator, area, day, cell) {
    const key = `${indicator} ${area} ${day} ${cell}`;
    if (!this.values.has(key)) throw new Error(`${this.name} has no ${key}`);
    return this.values.get(key);
  }
  total(area, week) { // of the days of a week
    return Array.from({ length: 7 }, (_, i) => this.get(1, area, dayAfter(week, i), "")).reduce((a, b) => a + b);
  }
}

// A linear programme: sums of hidden numbers, each at least 0. The hidden number of a cell has a name.
class Programme {
  rows = new Set();
  names = new Map();
  first = new Map(); // what was behind a number in the first edition that had it
  constructor(knowing) {
    this.knowing = knowing; // the corrections
  }
  // What a published number is: a constant, or the unknown behind a *, and what has been added to that since the first edition.
  term(edition, indicator, area, day, cell) {
    const value = edition.get(indicator, area, day, cell);
    if (value !== null) return { constant: value };
    const number = `${indicator} ${area} ${day} ${cell}`, key = this.knowing ? number : `${edition.name} ${number}`;
    if (!this.names.has(key)) {
      this.names.set(key, `x${this.names.size}`);
      this.first.set(key, edition.behind.get(number));
    }
    const name = this.names.get(key), constant = this.knowing ? edition.behind.get(number) - this.first.get(key) : 0;
    if (constant < 0) this.rows.add(`+ ${name} >= ${-constant}`);
    return { name, constant };
  }
  // plus - minus (=, >=) constant
  row(plus, minus, sign, constant) {
    const parts = [];
    for (const [terms, factor] of [[plus, 1], [minus, -1]])
      for (const term of terms) {
        if (term.name) parts.push(`${factor > 0 ? "+" : "-"} ${term.name}`);
        constant -= factor * term.constant;
      }
    if (parts.length > 0) this.rows.add(`${parts.join(" ")} ${sign} ${constant}`);
    else if (sign === "=" ? constant !== 0 : constant > 0) throw new Error(`the published numbers contradict each other by ${constant}`);
  }
  table(edition, indicator, week, total) {
    for (const area of areas) this.row(cells.map((cell) => this.term(edition, indicator, area, week, cell)), [], "=", total(area));
    for (const cell of cells)
      this.row(prefectures.map((area) => this.term(edition, indicator, area, week, cell)), [this.term(edition, indicator, "00", week, cell)], "=", 0);
  }
  each(use) {
    for (const area of areas) for (const cell of cells) use(area, cell);
  }
  edition(edition) {
    edition.weeks.forEach((week, i) => {
      const last = dayAfter(week, 6), before = edition.weeks[i - 1];
      this.table(edition, 3, week, (area) => edition.total(area, week));
      this.table(edition, 4, week, (area) => edition.get(5, area, last, ""));
      this.table(edition, 7, week, (area) => edition.get(6, area, last, ""));
      this.table(edition, 9, week, (area) => edition.get(8, area, last, ""));
      this.each((area, cell) => {
        const earlier = (indicator) => (before ? [this.term(edition, indicator, area, before, cell)] : []);
        this.row([this.term(edition, 4, area, week, cell)], [...earlier(4), this.term(edition, 3, area, week, cell)], "=", 0);
        this.row([this.term(edition, 9, area, week, cell)], earlier(9), ">=", 0); // the dead do not come back
      });
    });
  }
  // Where nothing that is shown of an area's week has changed between two editions, he takes it that nothing has changed at all; we let
  // him do so only where he is right.
  unchanged(one, other) {
    for (const week of one.weeks.filter((w) => other.weeks.includes(w)))
      for (const area of areas) {
        const shown = (edition) => [edition.total(area, week), ...cells.map((cell) => edition.get(3, area, week, cell))].join();
        const same = cells.every((cell) => one.behind.get(`3 ${area} ${week} ${cell}`) === other.behind.get(`3 ${area} ${week} ${cell}`));
        if (same && shown(one) === shown(other))
          for (const cell of cells) this.row([this.term(one, 3, area, week, cell)], [this.term(other, 3, area, week, cell)], "=", 0);
      }
  }
  // The solution that makes some unknowns large and others small: name -> value.
  solve(weights) {
    const names = [...this.names.values()];
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "attack-"));
    try {
      const wrap = (parts) => parts.join("\n ");
      fs.writeFileSync(path.join(directory, "lp"), `Maximize\n goal: ${wrap(names.map((name) => { const w = weights.get(name) ?? 0; return `${w < 0 ? "-" : "+"} ${Math.abs(w)} ${name}`; }))}\nSubject To\n ` +
        `${wrap([...this.rows].map((row, i) => `r${i}: ${row.replace(/ ([+-] x)/g, "\n $1")}`))}\nEnd\n`);
      execFileSync("glpsol", ["--lp", path.join(directory, "lp"), "-w", path.join(directory, "out")], { stdio: "ignore" });
      const out = fs.readFileSync(path.join(directory, "out"), "utf8");
      if (!/^s bas \d+ \d+ f f /m.test(out)) throw new Error("the programme has no solution: the attacker assumed something false");
      const values = new Map();
      for (const [, column, value] of out.matchAll(/^j (\d+) \S+ (\S+)/gm)) values.set(names[column - 1], Number(value));
      return values;
    } finally { fs.rmSync(directory, { recursive: true }); }
  }
}

// What an attacker narrows hidden numbers to. wanted: [{ edition, indicator, area, day, cell, width }]; returns them with least and most.
// knowing: he knows the corrections of hidden numbers too.
export function attack(editions, wanted, knowing = false) {
  const programme = new Programme(knowing);
  for (const edition of editions) programme.edition(edition);
  for (let i = 1; i < editions.length && !knowing; i++) programme.unchanged(editions[i - 1], editions[i]);
  const targets = wanted.map((target) => {
    const { name, constant } = programme.term(target.edition, target.indicator, target.area, target.day, target.cell);
    return { ...target, name, constant, least: Infinity, most: -Infinity };
  });
  const open = () => targets.filter((target) => !(Math.floor(target.most + 1e-6) - Math.ceil(target.least - 1e-6) >= target.width));
  const look = (weights) => {
    const solution = programme.solve(weights);
    for (const target of targets) {
      const value = solution.get(target.name) + target.constant;
      target.least = Math.min(target.least, value);
      target.most = Math.max(target.most, value);
    }
  };
  let seed = 7;
  const coin = () => (seed = (seed * 48271) % 2147483647) % 2 === 0;
  // A solution serves all unknowns at once; whoever it does not free is looked at alone, both ways.
  for (let turn = 0; turn < 16 && open().length > 0; turn++)
    look(new Map(open().map((target) => [target.name, turn === 0 ? 1 : turn === 1 ? -1 : coin() ? 1 : -1])));
  for (const target of open()) for (const weight of [1, -1]) look(new Map([[target.name, weight]]));
  return targets;
}
