import { expect } from 'chai'
import { rawFile, refusalOf } from '../fixtures/raw-files.ts'
import { LETTERS } from '../fixtures/recipes.ts'
import { checkPreprocess, type TextPreprocess } from '../package/preprocess.ts'
import { textSamples } from './text-samples.ts'

const make = (files: Record<string, string | Uint8Array>, change: object = {}) =>
  textSamples(
    checkPreprocess({ ...LETTERS, ...change }) as TextPreprocess,
    Object.entries(files).map(([path, content]) => rawFile(path, content)),
  )

describe('samples of text', () => {
  it('are windows of tokens, and the token after each', async () => {
    const { n, tensors, placeOf } = await make({ 'a.txt': 'abab\r\nb?baab', 'b.md': 'aaaaa', 'c.png': 'no' })
    expect(n).to.equal(3)
    expect([...tensors.get('x')!.data]).to.deep.equal([0, 1, 0, 1, 2, 1, 3, 1, 0, 0, 0, 0])
    expect([...tensors.get('y')!.data]).to.deep.equal([1, 0, 1, 2, 1, 3, 1, 0, 0, 0, 0, 0])
    expect(tensors.get('x')!.shape).to.deep.equal([3, 4])
    expect([1, 2].map(placeOf)).to.deep.equal(['a.txt, token 5', 'b.md, token 1'])
  })

  it('read a return, a line feed and both as one line end', async () => {
    const { tensors } = await make({ 'a.txt': 'a\rb\r\na\nb' }, { length: 6 })
    expect([...tensors.get('x')!.data]).to.deep.equal([0, 2, 1, 2, 0, 2])
  })

  it('are bytes as they are, and may overlap', async () => {
    const { tensors } = await make(
      { 'a.txt': 'é\r\nb' },
      { vocabulary: { of: 'bytes' }, length: 2, stride: 1 },
    )
    expect([...tensors.get('x')!.data]).to.deep.equal([0xc3, 0xa9, 0xa9, 13, 13, 10])
  })

  it('take a character outside of the first plane as one', async () => {
    const vocabulary = { of: 'characters', characters: 'a😀', other: false }
    const { tensors } = await make({ 'a.txt': 'a😀a😀a' }, { vocabulary })
    expect([...tensors.get('x')!.data]).to.deep.equal([0, 1, 0, 1])
  })

  it('have strata by file, by folder, or by equal parts', async () => {
    const files = { 'old/a.txt': 'ababab', 'new/b.txt': 'ababab', 'new/c.txt': 'abababababab' }
    const strataOf = async (strata: object) => [
      ...(await make(files, { strata })).tensors.get('stratum')!.data,
    ]
    expect(await strataOf({ by: 'file', files: [['new'], ['old', 'older']] })).to.deep.equal([1, 0, 0, 0])
    expect(await strataOf({ by: 'file', files: [['a.txt', 'b.txt'], ['c.txt']] })).to.deep.equal([0, 0, 1, 1])
    expect(await strataOf({ by: 'parts', parts: 2 })).to.deep.equal([0, 0, 1, 1])
    expect(await refusalOf(() => strataOf({ by: 'file', files: [['new'], ['x']] }))).to.include(
      'old/a.txt: neither it',
    )
  })

  it('are refused for a character that the vocabulary lacks, with its place', async () => {
    const vocabulary = { of: 'characters', characters: 'ab\n', other: false }
    expect(
      await refusalOf(() =>
        make({ 'a.txt': 'abab\n😀' }, { vocabulary: { ...vocabulary, characters: 'ab😀' } }),
      ),
    ).to.include('a.txt, line 1, column 5: the character "\\u{a}" (U+000A) is none of the vocabulary\'s 3')
    expect(await refusalOf(() => make({ 'a.txt': 'abab\nab é' }, { vocabulary }))).to.include(
      'a.txt, line 2, column 3: the character " " (U+0020)',
    )
  })

  it('are refused of files that are too short, too large, empty or no text', async () => {
    expect(await refusalOf(() => make({ 'a.txt': 'abab' }))).to.equal(
      '1 text of at most 4 tokens: a sample takes 5',
    )
    expect(await refusalOf(() => make({ 'a.png': 'abab' }))).to.include('0 texts of at most 0 tokens')
    expect(await refusalOf(() => make({ 'a.txt': '' }))).to.equal('a.txt is empty')
    expect(await refusalOf(() => make({ 'a.txt': Uint8Array.of(97, 0xff) }))).to.include(
      'a.txt is not UTF-8 in line 1',
    )
    expect(await refusalOf(() => make({ 'a.txt': 'a\0b' }))).to.include('a.txt has a zero byte in line 1')
    expect(
      await refusalOf(() => make({ 'a.txt': 'ab'.repeat(40_000) }, { length: 2 ** 16, stride: 1 })),
    ).to.include('14,464 samples of 131072 values')
    const large = { path: 'a.txt', sizeBytes: 2 ** 26 + 1, read: () => expect.fail('it was read') }
    expect(await refusalOf(() => textSamples(LETTERS, [large]))).to.include(
      '67108865 bytes, the limit of a text',
    )
  })
})
