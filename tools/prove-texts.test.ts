import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { narrowed } from './prove/narrow.ts'
import { avoided, played } from './prove/properties.ts'
import { pruned } from './prove/pruned.ts'
import { restated } from './prove/restated.ts'
import { doubled, setOf, tableOf } from './prove/tables.ts'
import { withFields } from './prove/words.ts'

const ROOT = join(import.meta.dirname, '..')

describe('a function that a property plays', () => {
  it('is overridden, and nothing else', () => {
    const source =
      'contract A {\n    function f(\n        uint256 a\n    ) internal view {\n        x;\n    }\n    function ff() internal {}\n    function g() external {}\n}\n'
    expect(played(source, 'f')).to.equal(
      source.replace('internal view', 'internal virtual view').replace('x;', 'revert();'),
    )
    expect(() => played(source, 'g')).to.throw('there is no internal function g to play')
  })

  it('may be one of another contract', () => {
    const source = 'contract A {\n    function f() internal {\n        x = _B.g(1);\n    }\n}\n'
    const other =
      'interface B {\n    function gg() external;\n    function g(\n        uint256 a\n    ) external returns (uint256);\n}\n'
    expect(played(source, '_B.g', [source, other])).to.equal(
      'contract A {\n    function f() internal {\n        x = _g(1);\n    }\n\n    function _g(\n        uint256 a\n    ) internal virtual returns (uint256) {\n        revert();\n    }\n}\n',
    )
    expect(() => played(source, '_B.h', [other])).to.throw('there is no call _B.h to play')
    expect(() => played(source, '_B.g', [source])).to.throw('there is no call _B.g to play')
  })
})

describe('a function that a property avoids', () => {
  it('only asserts that nothing calls it', () => {
    const source =
      'library L {\n    function f() internal {\n        x;\n    }\n\n    function g() internal {\n        y;\n    }\n}\n'
    expect(avoided(source, 'f')).to.equal(source.replace('x;', 'assert(false);\n        revert();'))
    expect(() => avoided(source, 'h')).to.throw('there is no function h to avoid')
  })
})

describe('what a property calls', () => {
  const library = (functions: string) => `library L {\n${functions}}\n`
  const used = '    function used() internal {\n        inner();\n    }\n'
  const inner = '    function inner() internal {\n        x;\n    }\n'
  const other = '    /// @return what it gives\n    function other() internal {\n        used();\n    }\n'

  const prunedText = (content: string) => pruned({ 'a.sol': { content } }, 'a.sol', 'A')['a.sol']!.content
  const prove = '    function prove() external {\n        x;\n    }\n'

  it('needs no constructor', () => {
    const source = `contract A is\n    B(f(1)),\n    C\n{\n    constructor(\n        B b\n    ) C(f(b)) {\n        g(b);\n    }\n${prove}}\n`
    expect(prunedText(source)).to.equal(`contract A is\n    B,\n    C\n{\n${prove}}\n`)
  })

  it('needs no comment, and no event, error or variable that nothing names', () => {
    const gone =
      '    /// a\n    // b\n    /** c\n     * d */\n    event E(uint256 a);\n    error F();\n    uint256 private constant G =\n        1 + 2;\n    mapping(uint256 a => H h) private _m;\n'
    const kept = '    uint256 internal x;\n    using L for uint256;\n'
    const source = (before: string) => `contract A {\n${before}${kept}${prove}}\n`
    expect(prunedText(source(gone))).to.equal(source(''))
  })

  it('knows of a written word only what is read', () => {
    const at = (word: string, place: number) => `ecrecover(bytes32(${word}), ${place}, 0x01, 0)`
    const required = (place: number) => `        require(${at('changed', place)} == ${at('word', place)});\n`
    const source = (known: string) =>
      `library L {\n    function prove() internal {\n        ${at('X.unwrap(self)', 8)};\n${known}    }\n}\n`
    expect(prunedText(source(required(8) + required(16)))).to.equal(source(required(8)))
  })

  it('stays, and nothing else does', () => {
    const mine = 'contract A {\n    function prove() external {\n        used();\n    }\n}\n'
    const next = 'contract B {\n    function prove() external {\n        other();\n    }\n}\n'
    const declared = '    function used() external;\n'
    const sources = {
      'a.sol': mine + next,
      'l.sol': library(used + inner + other),
      'b.sol': `contract Base {\n${other}}\n`,
      'i.sol': `interface I {\n${declared}    function other() external;\n}\n`,
    }
    const left = pruned(
      Object.fromEntries(Object.entries(sources).map(([name, content]) => [name, { content }])),
      'a.sol',
      'A',
    )
    expect(left['a.sol']!.content).to.equal(mine)
    expect(left['l.sol']!.content).to.equal(library(used + inner))
    expect(left['b.sol']!.content).to.equal('contract Base {\n}\n')
    expect(left['i.sol']!.content).to.equal(`interface I {\n${declared}}\n`)
  })
})

describe('what is restated for the solver', () => {
  it('stops at every error', () => {
    const source = "if (a > b) revert IOther.Other_Bad('x', f(a));\n    revert Bad(\n  a\n);"
    expect(restated('contracts/A.sol', source)).to.equal('require(!(a > b));\n    revert();')
    const more = 'if (f(g(a)) == (b)) {\n        revert Bad();\n    }\n    if (c) revert();\n    else d();'
    expect(restated('contracts/A.sol', more)).to.equal(
      'require(!(f(g(a)) == (b)));\n    if (c) revert();\n    else d();',
    )
  })

  it('tells nobody anything, unless that changes something', () => {
    const source = "if (a == b) emit Told('x', f(a));\n    emit Told(\n  a\n);"
    expect(restated('contracts/A.sol', source)).to.equal('if (a == b) {}\n    {}')
    expect(() => restated('contracts/A.sol', 'emit Told(++a);')).to.throw('this changes something: emit Told')
    expect(() => restated('contracts/A.sol', 'emit Told(a = 1);')).to.throw(
      'this changes something: emit Told',
    )
  })

  it('has conditions instead of tables in a word', () => {
    const source = 'uint256 constant T = (X << (16 * uint256(K.A))) |\n (1_000 << (16 * uint256(K.B)));'
    expect(tableOf(source, 'T')).to.equal('(number == uint256(K.A) ? X : number == uint256(K.B) ? 1_000 : 0)')
    expect(() => tableOf(`${source.slice(0, -1)} | 1;`, 'T')).to.throw('T is no table: 1')
    expect(setOf('constant S = (1 << uint256(K.A)) | (1 << uint256(K.B));', 'S')).to.equal(
      '(number == uint256(K.A) || number == uint256(K.B))',
    )
    expect(doubled('x', 'n', 2)).to.equal('x * (n == 0 ? 1 : n == 1 ? 2 : 4)')
  })

  it('has remainders instead of cuts', () => {
    const source = 'library L {\n    function f() internal {\n        x = uint96(y);\n    }\n}\n'
    const text = narrowed('contracts/L.sol', source, 'solver')
    expect(text).to.include('x = LNarrow.to96(y);')
    expect(text).to.include(
      'assembly ("memory-safe") { cut := value }\n        require(cut == value % 2 ** 96);',
    )
    expect(narrowed('contracts/L.sol', source, 'chain')).to.include('cut = uint96(value);')
  })

  it('has fields instead of bits', () => {
    const source =
      'uint256 private constant A_OFFSET = 8;\nuint256 private constant A_BITS = 4;\nlibrary L {\n' +
      'uint4(A.unwrap(self) >> A_OFFSET); y >> other; word.put(A_OFFSET, A_BITS, z); word.put(B, C, z);\n}\n'
    const text = withFields('contracts/types/A.sol', source, 'solver')
    const width = `0x${'4'.padStart(64, '0')}`
    const stand = (from: string) => `uint256(uint160(ecrecover(bytes32(${from}), 8, ${width}, 0)))`
    expect(text).to.include(`uint4(${stand('A.unwrap(self)')}); y >> other; word.putA(z)`)
    expect(text).to.include('word.put(B, C, z);')
    expect(text).to.include(`require(${stand('changed')} == value % 2 ** 4);`)
  })

  it('has to be there', () => {
    const name = '@openzeppelin/contracts/utils/math/Math.sol'
    const source = readFileSync(join(ROOT, 'node_modules', name), 'utf8')
    expect(restated(name, source)).to.include('return condition ? a : b;')
    expect(restated('a.sol', source)).to.equal(source)
    expect(() => restated(name, 'library Math {}')).to.throw(`${name} has no longer: return b ^ (`)
    const word = 'contracts/types/CaseWord.sol'
    const other = readFileSync(join(ROOT, word), 'utf8').replace('| CLOSED;', '+ CLOSED;')
    expect(() => restated(word, other)).to.throw(`${word} has no longer: CaseWord.unwrap(self) | CLOSED`)
  })
})
