/** The number of borders at or below a value. */
export function bandOf(value: number, borders: readonly number[]): number {
  const above = borders.findIndex((border) => border > value)
  return above < 0 ? borders.length : above
}
