import { expect } from 'chai'
import fc from 'fast-check'
import { plainJson, plainLines, plainText } from './plain-text.ts'

describe("strangers' text", () => {
  const hostile: [what: string, text: string, shown: string][] = [
    ['that clears the screen', '\u001b[2J\u001bc', '\\u{1b}[2J\\u{1b}c'],
    ['with a control sequence in one letter', '\u009b31m', '\\u{9b}31m'],
    ['that begins a line', 'A\r\nTransaction 0x1', 'A\\u{d}\\u{a}Transaction 0x1'],
    ['written from right to left', 'pay \u202e001\u202c', 'pay \\u{202e}001\\u{202c}'],
    ['with isolates and marks', '\u2066a\u2069\u200f\u061c', '\\u{2066}a\\u{2069}\\u{200f}\\u{61c}'],
    ['of zero width', 'AS\u200bS\u2060A\ufeffY\u00ad', 'AS\\u{200b}S\\u{2060}A\\u{feff}Y\\u{ad}'],
    ['of tags, fillers and selectors', '\u{e0041}\u3164\ufe0f', '\\u{e0041}\\u{3164}\\u{fe0f}'],
    ['with other spaces and separators', 'a\u00a0b\u2028c\u2003', 'a\\u{a0}b\\u{2028}c\\u{2003}'],
    ['with half a letter', 'x\ud800y', 'x\\u{d800}y'],
    ['of private use', '\ue000', '\\u{e000}'],
    ['with marks piled up', `e${'\u0301'.repeat(50)}`, 'e\u0301\u0301'],
    ['as anybody writes it', 'Größe 漢字 ½ → 5 % 🙂', 'Größe 漢字 ½ → 5 % 🙂'],
  ]
  for (const [what, text, shown] of hostile) {
    it(`${what} is shown as what it is`, () => {
      expect(plainText(text)).to.equal(shown)
      expect(JSON.parse(plainJson(JSON.stringify({ text })))).to.deep.equal({ text })
    })
  }

  it('is cut by letters, and costs nothing however long it is', () => {
    expect(plainText('abcdef', 6)).to.equal('abcdef')
    expect(plainText('abcdefg', 6)).to.equal('abcdef…')
    expect(plainText('🙂🙂🙂', 2)).to.equal('🙂🙂…')
    expect(plainText('\u001b'.repeat(10_000_000))).to.equal(`${'\\u{1b}'.repeat(80)}…`)
  })

  it('leaves nothing that a terminal acts on, in lines and in JSON', () => {
    const acts = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(plainText(text)).to.not.match(acts)
        expect(plainLines(text).replaceAll('\n', '')).to.not.match(acts)
        const json = plainJson(JSON.stringify([text], undefined, 2))
        expect(json.replaceAll('\n', '')).to.not.match(acts)
        expect(JSON.parse(json)).to.deep.equal([text])
      }),
      { seed: 17, numRuns: 300 },
    )
    expect(plainLines('one\ntwo\u001b[31m\n')).to.equal('one\ntwo\\u{1b}[31m\n')
  })
})
