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
import type { Dataset } from '../package/data.ts'
import type { Grid } from '../package/task-spec.ts'

/** Highest frequency down and across an image, and along what has one row or one column. */
const HIGHEST = 8
const HIGHEST_OF_LINE = 64
/** Cosines are rounded to 1 / so many, so that engines whose last bits differ agree. */
const COSINE_STEPS = 2 ** 24

/** Cosines and sines of 2π · frequency · place / size. */
type Wave = { frequency: number; cosines: readonly number[]; sines: readonly number[] }

/** A channel's transform: waves across its rows, and for each of them those down its columns. */
type Waves = readonly { across: Wave; down: readonly Wave[] }[]

/** What writes the spectra of samples one after the other, each channel by channel. */
export function spectraOf(grid: Grid): (data: Dataset) => Float32Array {
  const waves = wavesOf(grid)
  const size = waves.reduce((sum, { down }) => sum + down.length, 0)
  return ({ x, n }) => {
    const features = x.length / n
    const plane = new Float32Array(grid.height * grid.width)
    const spectra = new Float32Array(n * grid.channels * size)
    for (let at = 0; at < n * grid.channels; at++) {
      const i = Math.floor(at / grid.channels)
      takePlane(plane, x.subarray(i * features, (i + 1) * features), grid, at % grid.channels)
      writeSpectrum(spectra.subarray(at * size, (at + 1) * size), plane, waves)
    }
    return spectra
  }
}

/** Half of the frequencies, without (0, 0). */
function wavesOf({ height, width }: Grid): Waves {
  const highest = height === 1 || width === 1 ? HIGHEST_OF_LINE : HIGHEST
  const [right, bottom] = [width, height].map((size) => Math.min(highest, size >> 1))
  const top = -Math.min(highest, (height - 1) >> 1)
  return wavesAlong(width, 0, right!).map((across) => ({
    across,
    down: wavesAlong(height, across.frequency === 0 ? 1 : top, bottom!),
  }))
}

function wavesAlong(size: number, first: number, last: number): Wave[] {
  return Array.from({ length: last - first + 1 }, (_, k) => {
    const frequency = first + k
    // Within one turn, where engines' cosines are exact to the last bit or two.
    const angles = Array.from({ length: size }, (_, i) => (2 * Math.PI * ((frequency * i) % size)) / size)
    return {
      frequency,
      cosines: angles.map((angle) => rounded(Math.cos(angle))),
      sines: angles.map((angle) => rounded(Math.sin(angle))),
    }
  })
}

function rounded(value: number): number {
  return Math.round(value * COSINE_STEPS) / COSINE_STEPS
}

/** Copies one channel of a sample, row by row. */
function takePlane(plane: Float32Array, sample: Float32Array, { channels, order }: Grid, channel: number) {
  const [first, step] = order === 'channels-last' ? [channel, channels] : [channel * plane.length, 1]
  for (let place = 0; place < plane.length; place++) plane[place] = sample[first + place * step]!
}

function writeSpectrum(spectrum: Float32Array, plane: Float32Array, waves: Waves): void {
  let at = 0
  for (const { across, down } of waves) {
    const { real, imaginary } = transformRows(plane, across)
    for (const { cosines, sines } of down) {
      let [re, im] = [0, 0]
      for (let r = 0; r < real.length; r++) {
        re += real[r]! * cosines[r]! + imaginary[r]! * sines[r]!
        im += imaginary[r]! * cosines[r]! - real[r]! * sines[r]!
      }
      spectrum[at++] = Math.sqrt(Math.sqrt(re * re + im * im))
    }
  }
}

/** Each row's transform at one frequency. */
function transformRows(plane: Float32Array, { cosines, sines }: Wave) {
  const width = cosines.length
  const height = plane.length / width
  const [real, imaginary] = [new Float64Array(height), new Float64Array(height)]
  for (let r = 0; r < height; r++)
    for (let c = 0; c < width; c++) {
      const value = plane[r * width + c]!
      if (value === 0) continue
      real[r]! += value * cosines[c]!
      imaginary[r]! -= value * sines[c]!
    }
  return { real, imaginary }
}
