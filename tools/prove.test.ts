import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { check, type Message, verdictOf } from './prove/check.ts'
import { allProperties, opened, type Property, propertiesIn, withEnd } from './prove/properties.ts'

const ROOT = join(import.meta.dirname, '..')
const SECONDS = 500
const LIBRARY = 'contracts/libraries/Reputation.sol'

/** Faults of the contracts: of what they break, a text of the file and what is wrong instead. */
const FAULTS = [
  ['AnOffenceIsSlashedOnce', 'court/Execution.sol', 'if (wasPunished) reward', 'if (!wasPunished) reward'],
  [
    'AnOffenceIsSlashedOnce',
    'court/Execution.sol',
    '            _notePunished(facts, defendant, base);\n',
    '',
  ],
  ['ANotedOffenceIsPunished', 'court/Offences.sol', '(round % SPAN)) & 1', '(round % SPAN)) & 2'],
  ['WhatACaseTakesIsPaidOrBurnt', 'court/Execution.sol', 'left -= refund;', 'left -= 2 * refund;'],
  ['WhatIsOwedIsCounted', 'court/Bonds.sol', 'amount += uint96(amount)', 'amount = uint96(amount)'],
  ['PenaltyIsAtMostItsBase', 'libraries/Penalties.sol', '(5_000 <<', '(15_000 <<'],
] as const

describe('properties of the contracts', () => {
  it('are at least twenty, with a sentence and a name each', () => {
    const properties = allProperties(ROOT)
    expect(properties.filter(({ undecided }) => undecided === undefined).length).to.be.at.least(20)
    expect(new Set(properties.map(({ contract }) => contract)).size).to.equal(properties.length)
    expect(properties.every(({ claim }) => claim.endsWith('.'))).to.equal(true)
  })

  it('break, with a counterexample, when the contract is wrong', async () => {
    const wrong = readFileSync(join(ROOT, LIBRARY), 'utf8').replace(
      'reputationBps + (target - reputationBps) / 8',
      'reputationBps + (target - reputationBps) * 8',
    )
    const verdict = await check(ROOT, named('ReputationStaysInBounds'), SECONDS, new Map([[LIBRARY, wrong]]))
    expect(verdict.kind).to.equal('violated')
    expect(verdict)
      .to.have.property('counterexample')
      .that.matches(/reputationBps = \d+/)
  })

  for (const [contract, file, text, wrong] of FAULTS) {
    it(`break, as ${contract} does, without ${text.trim()}`, async () => {
      const path = `contracts/${file}`
      const source = readFileSync(join(ROOT, path), 'utf8')
      expect(source).to.include(text)
      const broken = check(ROOT, named(contract), SECONDS, new Map([[path, source.replace(text, wrong)]]))
      // What is said in other words has no words for a fault.
      if (file === 'court/Offences.sol') expect(await said(broken)).to.include(`${path} has no longer: `)
      else expect((await broken).kind).to.equal('violated')
    })
  }

  it('say nothing if no run comes to their end', async () => {
    const source = tried('require(a < b);\n        require(b < a);\n        assert(a == 1);')
    expect(await checkTried(source)).to.have.property('kind', 'vacuous')
  })

  it('hold for runs that reach their end', async () => {
    expect(await checkTried(tried('require(a < b);\n        assert(b > 0);'))).to.deep.equal({
      kind: 'proved',
    })
  })

  it('hold for long loops only if these are followed', async () => {
    const loop =
      'require(a <= 20);\n        b = 0;\n        for (uint256 i = 0; i < a; ++i) ++b;\n        assert(b <= 1);'
    const source = tried(loop).replace(
      '/// @notice Tried.',
      '/// @notice Tried.\n/// @custom:reaches a == 20',
    )
    expect(await checkTried(source))
      .to.have.property('kind')
      .that.is.oneOf(['violated', 'vacuous', 'undecided'])
  })

  it('that the solver can only guess are not proved', async () => {
    const source = tried('require(b != 0);\n        assert(uint256(keccak256(abi.encode(a))) != b);')
    expect(await checkTried(source))
      .to.have.property('kind')
      .that.is.oneOf(['violated', 'undecided'])
  })
})

async function said(result: Promise<unknown>): Promise<string> {
  return result.then(
    () => '',
    (error: Error) => error.message,
  )
}

function named(name: string): Property {
  return allProperties(ROOT).find(({ contract }) => contract === name)!
}

function tried(body: string): string {
  return `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Tried.
contract Tried {
    function prove(uint256 a, uint256 b) external pure {
        ${body}
    }
}
`
}

async function checkTried(source: string) {
  const file = 'test/properties/Tried.sol'
  return check(ROOT, propertiesIn(file, source)[0]!, SECONDS, new Map([[file, source]]))
}

describe('a property', () => {
  it('has its sentence and tags from its comment', () => {
    const source =
      '/// @notice One\n/// sentence.\n/// @custom:engine chc\n/// @custom:loops 3\n/// @custom:reaches a == 2\n/// @custom:opens a.sol b.sol\n/// @custom:plays c.sol:f\n/// @custom:avoids d.sol:g\n' +
      '/// @custom:undecided hard,\n/// too hard\ncontract One {}\n\nabstract contract Base {}\n\n/// @notice Two.\ncontract Two {}\n'
    expect(propertiesIn('a.sol', source)).to.deep.equal([
      {
        file: 'a.sol',
        contract: 'One',
        claim: 'One sentence.',
        engine: 'chc',
        loops: 3,
        reaches: 'a == 2',
        opened: ['a.sol', 'b.sol'],
        played: ['c.sol:f'],
        avoided: ['d.sol:g'],
        undecided: 'hard, too hard',
      },
      {
        file: 'a.sol',
        contract: 'Two',
        claim: 'Two.',
        engine: 'bmc',
        loops: 1,
        reaches: 'true',
        opened: [],
        played: [],
        avoided: [],
      },
    ])
  })

  for (const [comment, message] of [
    ['', 'a.sol: A has no @notice that says what it proves'],
    [
      '/// @notice A.\n/// @custom:loop 3\n',
      "a.sol: A: @custom:loop isn't one of engine,loops,reaches,opens,plays,avoids,undecided",
    ],
    ['/// @notice A.\n/// @custom:engine z3\n', 'a.sol: A: no engine z3'],
    ['/// @notice A.\n/// @custom:loops 0\n', 'a.sol: A: loops must be a whole number from 1 on'],
  ] as const) {
    it(`is refused: ${message}`, () => {
      expect(() => propertiesIn('a.sol', `${comment}contract A {}\n`)).to.throw(message)
    })
  }

  it('gets one more assertion that nothing fulfils, to see whether it is reached', () => {
    const source =
      'contract A {\n  f() { assert(a); assert((b) == g(1)); }\n}\ncontract B {\n  f() { assert(c); }\n}\n'
    expect(withEnd(source, 'A', 'true')).to.equal(
      source.replace('assert((b) == g(1))', '$&; assert(!(true))'),
    )
    expect(() => withEnd('contract A {\n}\n', 'A', 'true')).to.throw('A asserts nothing')
    expect(() => withEnd(source, 'C', 'true')).to.throw('there is no contract C')
  })

  it('sees what is private, and calls what is external', () => {
    const source =
      '    /// private external\n    uint256 private _a;\n    function f() external view {}\n    ) private pure {}\n    // private\n'
    expect(opened(source)).to.equal(
      '    /// private external\n    uint256 internal _a;\n    function f() public view {}\n    ) internal pure {}\n    // private\n',
    )
  })
})

describe('a verdict', () => {
  const source = '// ρ\ncontract A {\n  f() { assert(a); assert(b); assert(!(true)); }\n}\n'
  const property = propertiesIn('a.sol', `/// @notice A.\n${source.slice(source.indexOf('contract'))}`)[0]!
  const said = (message: string, text: string, severity = 'info'): Message => ({
    severity,
    message,
    formattedMessage: message,
    sourceLocation: { file: 'a.sol', start: Buffer.byteLength(source.slice(0, source.indexOf(text))) },
  })
  const safe = 'BMC: Assertion violation check is safe!'
  const broken = 'BMC: Assertion violation happens here.\nCounterexample:\na = 1'
  const both = [said(safe, 'assert(a)'), said(safe, 'assert(b)')]
  const end = said(broken, 'assert(!', 'warning')
  const kindOf = (messages: Message[]) => verdictOf(messages, property, source).kind

  it('is proved only if each assertion is safe', () => {
    expect(verdictOf([...both, end], property, source)).to.deep.equal({ kind: 'proved' })
    expect(kindOf([both[0]!, end])).to.equal('undecided')
    expect(kindOf([end])).to.equal('undecided')
    const doubt = said('BMC: Assertion violation might happen here.', 'assert(a)', 'warning')
    expect(kindOf([...both, doubt, end])).to.equal('undecided')
    expect(kindOf([...both, said(broken, 'assert(a)', 'warning'), end])).to.equal('violated')
  })

  it('is vacuous unless a run is known to reach the end', () => {
    expect(kindOf(both)).to.equal('vacuous')
    expect(kindOf([...both, said(safe, 'assert(!')])).to.equal('vacuous')
    expect(kindOf([...both, said('BMC: Assertion violation might happen here.', 'assert(!')])).to.equal(
      'vacuous',
    )
  })

  it('is none if the property does not compile', () => {
    expect(() => verdictOf([said('TypeError: no', 'assert(a)', 'error')], property, source)).to.throw(
      'TypeError: no',
    )
  })
})
