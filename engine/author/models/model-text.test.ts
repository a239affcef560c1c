import { expect } from 'chai'
import type { ModelKind } from './model-kind.ts'
import { readModelText } from './model-text.ts'

describe('the name of a model', () => {
  const read: [string, ModelKind][] = [
    ['logistic', { kind: 'mlp', hidden: [] }],
    ['mlp:64,32', { kind: 'mlp', hidden: [64, 32] }],
    ['cnn', { kind: 'cnn', maps: [16, 32] }],
    ['cnn:8', { kind: 'cnn', maps: [8] }],
    ['transformer', { kind: 'transformer', layers: 2, width: 64, heads: 2 }],
    ['transformer:width=128,layers=4', { kind: 'transformer', layers: 4, width: 128, heads: 4 }],
    ['transformer:width=24,heads=3', { kind: 'transformer', layers: 2, width: 24, heads: 3 }],
  ]
  for (const [text, model] of read) {
    it(`is read: ${text}`, () => {
      expect(readModelText(text)).to.deep.equal(model)
    })
  }

  const refused: [string, string][] = [
    [
      'resnet',
      'there is no model "resnet"; use logistic, mlp:64,32, cnn, cnn:16,32 or transformer:layers=2,width=64',
    ],
    ['logistic:3', 'logistic takes no sizes, "logistic:3" has some'],
    ['mlp', 'mlp needs the widths of its hidden layers: mlp:64,32'],
    ['mlp:', 'model "mlp:" has "" as a width; use a whole number from 1 to 8192'],
    ['mlp:64,x', 'model "mlp:64,x" has "x" as a width'],
    ['cnn:2000', 'model "cnn:2000" has "2000" as a number of maps; use a whole number from 1 to 1024'],
    [`mlp:${Array(17).fill(4)}`, 'has 17 layers, the limit is 16; leave some out'],
    ['transformer:depth=2', 'has "depth=2"; give layers, width and heads, each once'],
    ['transformer:layers=2,layers=3', 'has "layers=3"; give layers, width and heads, each once'],
    ['transformer:layers=13', 'has "13" as a number of layers; use a whole number from 1 to 12'],
    ['transformer:width=64,heads=5', "has a width of 64, which 5 heads don't divide; use a multiple of 5"],
  ]
  for (const [text, message] of refused) {
    it(`is refused: ${text}`, () => {
      expect(() => readModelText(text)).to.throw(message)
    })
  }
})
