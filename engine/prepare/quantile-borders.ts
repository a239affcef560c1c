import { demand } from '../refusal.ts'

/** Bands that numbers are split into, unless fewer of them differ. */
const BANDS = 8

/**
 * Borders between bands of as many values each, as decimals.
 *
 * @param values in any order; they are sorted where they are
 * @throws EngineRefusal `data` when all of them are the same
 */
export function quantileBorders(values: Float64Array): string[] {
  values.sort()
  const places = Array.from({ length: BANDS - 1 }, (_, i) => Math.floor(((i + 1) * values.length) / BANDS))
  const least = values[0] ?? 0
  const borders = new Set(places.map((place) => values[place] ?? least).filter((border) => border > least))
  const greatest = values.at(-1) ?? 0
  demand(greatest > least, 'data', () => `the target is ${least} everywhere: nothing can be learned of it`)
  return [...(borders.size > 0 ? borders : [greatest])].map(String)
}
