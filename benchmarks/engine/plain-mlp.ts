/** The same training step as the task's graph, as plain TypeScript loops: what the engine is compared with. */
import type { Batch } from '@assay/engine/package/data.ts'
import { featuresOf } from '@assay/engine/package/features.ts'

export type Layer = { weight: Float32Array; bias: Float32Array; inputs: number; outputs: number }

/** Trains two layers with ReLU between them by one SGD step, in place. Returns the mean loss. */
export function plainStep(first: Layer, second: Layer, batch: Batch, rows: number, rate: number): number {
  const [x, y] = [featuresOf(batch), Float32Array.from(batch.y)]
  const hidden = forward(x, first, rows)
  for (let i = 0; i < hidden.length; i++) hidden[i] = Math.max(0, hidden[i]!)
  const scores = forward(hidden, second, rows)
  const loss = softmaxGradient(scores, y, rows, second.outputs)
  const below = backward(scores, second, rows)
  for (let i = 0; i < below.length; i++) if (hidden[i] === 0) below[i] = 0
  update(second, hidden, scores, rows, rate)
  update(first, x, below, rows, rate)
  return loss
}

function forward(x: Float32Array, { weight, bias, inputs, outputs }: Layer, rows: number): Float32Array {
  const result = new Float32Array(rows * outputs)
  for (let row = 0; row < rows; row++) {
    const at = row * outputs
    result.set(bias, at)
    for (let k = 0; k < inputs; k++) {
      const value = x[row * inputs + k]!
      if (value === 0) continue
      for (let o = 0; o < outputs; o++) result[at + o]! += value * weight[k * outputs + o]!
    }
  }
  return result
}

/** Turns scores into the gradient of the mean loss, in place. */
function softmaxGradient(scores: Float32Array, y: Float32Array, rows: number, classes: number): number {
  let loss = 0
  for (let row = 0; row < rows; row++) {
    const of = scores.subarray(row * classes, (row + 1) * classes)
    const highest = of.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY)
    let total = 0
    for (let c = 0; c < classes; c++) {
      of[c] = Math.exp(of[c]! - highest)
      total += of[c]!
    }
    for (let c = 0; c < classes; c++) {
      const p = of[c]! / total
      const label = y[row * classes + c]!
      if (label === 1) loss -= Math.log(p) / rows
      of[c] = (p - label) / rows
    }
  }
  return loss
}

function backward(gradient: Float32Array, { weight, inputs, outputs }: Layer, rows: number): Float32Array {
  const result = new Float32Array(rows * inputs)
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < inputs; k++) {
      let sum = 0
      for (let o = 0; o < outputs; o++) sum += gradient[row * outputs + o]! * weight[k * outputs + o]!
      result[row * inputs + k] = sum
    }
  }
  return result
}

function update(layer: Layer, x: Float32Array, gradient: Float32Array, rows: number, rate: number): void {
  const { weight, bias, inputs, outputs } = layer
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < inputs; k++) {
      const value = rate * x[row * inputs + k]!
      if (value === 0) continue
      for (let o = 0; o < outputs; o++) weight[k * outputs + o]! -= value * gradient[row * outputs + o]!
    }
    for (let o = 0; o < outputs; o++) bias[o]! -= rate * gradient[row * outputs + o]!
  }
}
