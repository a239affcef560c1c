import { join } from 'node:path'
import { expect } from 'chai'
import { type Branch, REPORT, reportSource, reports, sitesIn } from './coverage/branches.ts'
import { judged } from './coverage/judged.ts'
import { compiled, syntaxOf } from './solidity/compiler.ts'
import { applied, withLibrary } from './solidity/edits.ts'
import { readSources } from './solidity/sources.ts'
import { artifactsOf, collectorLibrary, runSuites, suitesIn } from './solidity/test-runner.ts'

const ROOT = join(import.meta.dirname, '..')
const FILE = 'contracts/Tried.sol'
const TEST = 'test/solidity/Tried.t.sol'
const SOURCE = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

interface IOther {
    function ask() external view returns (uint256);
}

contract Tried {
    function pick(uint256 a) external pure returns (uint256 least) {
        if (a > 3) return 3;
        for (uint256 i = 0; i < a; ++i) least += i == 1 ? 2 : 1;
    }

    function ask(IOther other) external view returns (uint256) {
        try other.ask() returns (uint256 value) {
            return value;
        } catch {
            return 0;
        }
    }

    function never() external pure {}
}
`
const TEST_SOURCE = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOther, Tried} from "../../contracts/Tried.sol";

contract TriedTest {
    function ask() external pure returns (uint256) {
        return 7;
    }

    function test_Some() public {
        Tried tried = new Tried();
        require(tried.pick(1) == 1 && tried.ask(IOther(address(this))) == 7);
    }
}
`

describe('branch coverage', () => {
  const texts = new Map([
    [FILE, SOURCE],
    [TEST, TEST_SOURCE],
  ])
  const sites = () => sitesIn(FILE, SOURCE, syntaxOf(ROOT, [FILE], texts)[FILE]!)

  it('knows each way that code can go', () => {
    const ways = sites().flatMap(({ branches }) =>
      branches.map(({ where, way, line }) => `${line} ${where}: ${way}`),
    )
    expect(ways).to.have.members([
      '9 pick: called',
      '10 pick: a > 3 is true',
      '10 pick: a > 3 is false',
      '11 pick: i < a is true',
      '11 pick: i < a is false',
      '11 pick: i == 1 is true',
      '11 pick: i == 1 is false',
      '14 ask: called',
      '15 ask: try other.ask()',
      '17 ask: catch other.ask()',
      '22 never: called',
    ])
  })

  it('tells which of them tests take', async () => {
    const branches = sites().flatMap((site) => site.branches)
    const number = (branch: Branch) =>
      branches.findIndex(({ way, where }) => way === branch.way && where === branch.where) + 1
    const changed = withLibrary(applied(SOURCE, reports(sites(), number)), REPORT)
    const library = [`${REPORT}.sol`, reportSource('Collector.sol')] as const
    const replaced = new Map([...texts, [FILE, changed], library, ['Collector.sol', collectorLibrary()]])
    const artifacts = artifactsOf(compiled(readSources(ROOT, [TEST], replaced)))
    const taken = new Set<number>()
    const options = { fuzzRuns: 1, invariantRuns: 1, invariantDepth: 1, gasLimit: 2n ** 40n }
    const onHits = (hits: bigint[]) => {
      for (const hit of hits) taken.add(Number(hit))
    }
    const results = await runSuites(ROOT, artifacts, suitesIn(artifacts, TEST), { ...options, onHits })
    expect(results.map(({ test, passed }) => [test, passed])).to.deep.equal([['test_Some()', true]])
    const { missing } = judged(branches, (n) => taken.has(n), [])
    expect(missing.map(({ way }) => way)).to.have.members([
      'a > 3 is true',
      'i == 1 is true',
      'catch other.ask()',
      'called',
    ])
  })

  it('wants a reason for each branch that is never taken, and none for others', () => {
    const branches = sites().flatMap((site) => site.branches)
    const reason = { file: FILE, where: 'never', way: 'called', why: 'tried' }
    const all = judged(branches, () => false, [reason])
    expect([all.missing.length, all.explained, all.needless]).to.deep.equal([branches.length - 1, 1, []])
    expect(judged(branches, () => true, [reason])).to.deep.equal({
      missing: [],
      needless: [reason],
      explained: 0,
    })
  })
})
