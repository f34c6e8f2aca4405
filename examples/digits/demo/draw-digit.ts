const SIDE = 8
/** From blank paper to full ink. */
const SHADES = [' ', '░', '▒', '▓', '█']
const FULL_INK = 16

/** An 8 × 8 image as lines of text, two characters a pixel. */
function drawDigit(image: readonly number[]): string[] {
  return Array.from({ length: SIDE }, (_, row) => {
    const pixels = image.slice(row * SIDE, (row + 1) * SIDE)
    return pixels.map((ink) => (SHADES[Math.round((ink / FULL_INK) * 4)] ?? ' ').repeat(2)).join('')
  })
}

/** Pictures beside each other, each with its caption below. */
export function drawRow(
  pictures: readonly { readonly image: readonly number[]; readonly caption: string }[],
): string {
  const drawn = pictures.map(({ image }) => drawDigit(image))
  const rows = Array.from({ length: SIDE }, (_, row) => {
    return drawn.map((lines) => lines[row] ?? '').join('  ')
  })
  const captions = pictures.map(({ caption }) => caption.padEnd(SIDE * 2)).join('  ')
  return [...rows, captions].map((line) => `    ${line}`).join('\n')
}
