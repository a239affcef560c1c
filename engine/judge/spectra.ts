/**
 * Spectra of samples whose features lie on a grid, by which shifted copies are found. For each channel, the square roots of
 * the magnitudes of its discrete Fourier transform, at the lowest frequencies:
 *
 *     F(u, v) = Σ over rows r and columns c of x(r, c) e^(−2πi (u r / height + v c / width))
 *     spectrum(u, v) = √|F(u, v)|
 *
 * A shift turns phases and no more. So it leaves a spectrum as it is, but for what leaves the grid at one edge while other
 * things come in at the opposite one. A change in one corner adds a little everywhere. The square root keeps the few strong
 * frequencies from outweighing all others; high ones are left out because noise outweighs them. F(0, 0) is left out, too: it
 * is the sum of all features, and tells how bright a sample is. F(−u, −v) is as large as F(u, v), so half of them are enough.
 */
import type { Grid } from '../package/sample-spec.ts'

/** Highest frequency down and across an image, and along what has one row or one column. */
const HIGHEST = 8
const HIGHEST_OF_LINE = 64
/** Cosines are rounded to 1 / so many, so that engines whose last bits differ agree. */
const COSINE_STEPS = 2 ** 24

/** Cosines and sines of 2π · place / size, for each place of a row or a column. */
type Turn = { cosines: Float64Array; sines: Float64Array }

/** A frequency across the rows, and those down the columns that go with it. */
type Frequencies = { across: number; down: readonly number[] }

/** The transform of each row of a plane at one frequency. */
type Rows = { real: Float64Array; imaginary: Float64Array }

/** What writes the spectra of samples one after the other, each channel by channel. */
export function spectraOf({ channels, order, ...grid }: Grid): (x: Float32Array, n: number) => Float32Array {
  // A column is a row: the transform is the same.
  const [height, width] = grid.width === 1 ? [1, grid.height] : [grid.height, grid.width]
  const turns = { across: turnOf(width), down: turnOf(height) }
  const frequencies = frequenciesOf(height, width)
  const size = frequencies.reduce((sum, { down }) => sum + down.length, 0)
  const [next, step] = order === 'channels-last' ? [1, channels] : [height * width, 1]
  return (x, n) => {
    const rows = { real: new Float64Array(height), imaginary: new Float64Array(height) }
    const spectra = new Float32Array(n * channels * size)
    let first = 0
    for (const { across, down } of frequencies) {
      const wave = waveOf(turns.across, across)
      for (let at = 0; at < n * channels; at++) {
        const sample = Math.floor(at / channels) * (x.length / n)
        transformRows(rows, { x, first: sample + (at % channels) * next, step }, wave)
        for (let k = 0; k < down.length; k++)
          spectra[at * size + first + k] = strengthAt(rows, turns.down, down[k]!)
      }
      first += down.length
    }
    return spectra
  }
}

/** Half of the frequencies, without (0, 0). */
function frequenciesOf(height: number, width: number): Frequencies[] {
  const highest = height === 1 ? HIGHEST_OF_LINE : HIGHEST
  const [right, bottom] = [width, height].map((size) => Math.min(highest, size >> 1))
  const top = -Math.min(highest, (height - 1) >> 1)
  const all = fromTo(0, right!).map((across) => ({ across, down: fromTo(across === 0 ? 1 : top, bottom!) }))
  return all.filter(({ down }) => down.length > 0)
}

function fromTo(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, k) => first + k)
}

/** Every wave is a walk through one turn: all of them together would take as much memory as many samples. */
function turnOf(size: number): Turn {
  // Within one turn, where engines' cosines are exact to the last bit or two.
  const each = (wave: (angle: number) => number) =>
    Float64Array.from({ length: size }, (_, i) => rounded(wave((2 * Math.PI * i) / size)))
  return { cosines: each(Math.cos), sines: each(Math.sin) }
}

function rounded(value: number): number {
  return Math.round(value * COSINE_STEPS) / COSINE_STEPS
}

/** The wave of one frequency, place by place: the values of a turn in other steps. */
function waveOf(turn: Turn, frequency: number): Turn {
  const size = turn.cosines.length
  const wave = { cosines: new Float64Array(size), sines: new Float64Array(size) }
  for (let i = 0, place = 0; i < size; i++) {
    wave.cosines[i] = turn.cosines[place]!
    wave.sines[i] = turn.sines[place]!
    place = onwards(place, frequency, size)
  }
  return wave
}

/** @param plane where the values of one channel of a sample are in x: the first one, and how far apart they are */
function transformRows(
  { real, imaginary }: Rows,
  plane: { x: Float32Array; first: number; step: number },
  { cosines, sines }: Turn,
): void {
  const { x, step } = plane
  const width = cosines.length
  for (let r = 0, at = plane.first; r < real.length; r++) {
    let [re, im] = [0, 0]
    for (let c = 0; c < width; c++, at += step) {
      const value = x[at]!
      if (value === 0) continue
      re += value * cosines[c]!
      im -= value * sines[c]!
    }
    real[r] = re
    imaginary[r] = im
  }
}

/** √|F| at one frequency down the rows' transforms. */
function strengthAt({ real, imaginary }: Rows, { cosines, sines }: Turn, frequency: number): number {
  const height = real.length
  const step = frequency < 0 ? frequency + height : frequency
  let [re, im, place] = [0, 0, 0]
  for (let r = 0; r < height; r++) {
    re += real[r]! * cosines[place]! + imaginary[r]! * sines[place]!
    im += imaginary[r]! * cosines[place]! - real[r]! * sines[place]!
    place = onwards(place, step, height)
  }
  return Math.sqrt(Math.sqrt(re * re + im * im))
}

/** A step further in a turn, or into the next one. @param step below its size */
function onwards(place: number, step: number, size: number): number {
  return place + step < size ? place + step : place + step - size
}
