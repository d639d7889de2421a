const plain = (text: string): string => text.toLowerCase().replaceAll(/[_-]/g, "");

/** The known word that somebody probably meant by a mistyped one, of two the one as long as it; undefined: none is like it. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  const [from, most] = [plain(typed), typed.length < 4 ? 1 : Math.max(2, Math.floor(typed.length / 3))];
  const [best] = known
    .map((one) => {
      const to = plain(one);
      return { one, edits: editsBetween(from, to), more: Math.abs(from.length - to.length) };
    })
    .sort((a, b) => a.edits - b.edits || a.more - b.more);
  return best !== undefined && best.edits <= most ? best.one : undefined;
}

/** Fewest letters to put in, take out, change, or swap with their neighbour. */
function editsBetween(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= to.length; column += 1) {
      const [was, is] = [from[line - 1], to[column - 1]];
      const change = (row[column - 1] ?? 0) + (was === is ? 0 : 1);
      let least = Math.min(change, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1);
      if (line > 1 && column > 1 && was === to[column - 2] && is === from[line - 2])
        least = Math.min(least, (before[column - 2] ?? 0) + 1);
      next.push(least);
    }
    before = row;
    row = next;
  }
  return row[to.length] ?? 0;
}
