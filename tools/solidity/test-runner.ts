import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Artifact,
  type ArtifactId,
  CollectStackTraces,
  EdrContext,
  FsAccessPermission,
  L1_CHAIN_TYPE,
  l1GenesisState,
  l1HardforkFromString,
  l1SolidityTestRunnerFactory,
  OSAKA,
  type SolidityTestRunnerConfigArgs,
} from '@nomicfoundation/edr'
import type { Compiled } from './compiler.ts'

/** How a Solidity test ended. */
export interface TestResult {
  file: string
  suite: string
  test: string
  passed: boolean
  reason: string
  /** What it used, or a run of it on average; nothing for invariants. */
  gas: bigint | undefined
}

export interface RunOptions {
  /** Runs of a fuzz test. */
  fuzzRuns: number
  /** Runs of an invariant test, and calls in each. */
  invariantRuns: number
  invariantDepth: number
  /** Gas of a test, so that one that never ends ends. */
  gasLimit: bigint
  /** What the code reads as the block's coinbase. */
  coinbase?: bigint
  /** Gets the numbers that the code reported to the collector. */
  onHits?: (hits: bigint[]) => void
}

/** The hardfork that Hardhat's Solidity tests run with. */
const HARDFORK = OSAKA
const SOLC_VERSION = '0.8.37'

let context: Promise<EdrContext> | undefined

interface HardhatArtifact extends Required<Omit<Artifact['contract'], 'abi'>> {
  contractName: string
  sourceName: string
  abi: unknown[]
}

/** What the runner needs of compiled sources. */
export function artifactsOf({ contracts = {} }: Compiled): Artifact[] {
  return Object.entries(contracts).flatMap(([source, byName]) =>
    Object.entries(byName).map(([name, { abi, evm }]) => ({
      id: { name, source, solcVersion: SOLC_VERSION },
      contract: {
        abi: JSON.stringify(abi),
        bytecode: `0x${evm.bytecode.object}`,
        linkReferences: evm.bytecode.linkReferences,
        deployedBytecode: `0x${evm.deployedBytecode.object}`,
        deployedLinkReferences: evm.deployedBytecode.linkReferences,
      },
    })),
  )
}

/** What the runner needs of contracts that `npm run compile` compiled. */
export function shippedArtifacts(root: string): Artifact[] {
  const files = globSync('artifacts/contracts/**/*.json', { cwd: root })
  const contracts = files.map((file) => JSON.parse(readFileSync(join(root, file), 'utf8')) as HardhatArtifact)
  return contracts.map(({ contractName, sourceName, abi, ...code }) => ({
    id: { name: contractName, source: sourceName, solcVersion: SOLC_VERSION },
    contract: {
      abi: JSON.stringify(abi),
      bytecode: code.bytecode,
      linkReferences: code.linkReferences,
      deployedBytecode: code.deployedBytecode,
      deployedLinkReferences: code.deployedLinkReferences,
    },
  }))
}

/** The contracts of a file that hold tests. */
export function suitesIn(artifacts: readonly Artifact[], file: string): ArtifactId[] {
  const hasTests = ({ abi }: Artifact['contract']) =>
    (JSON.parse(abi) as { name?: string }[]).some(({ name }) => /^(test|invariant)/.test(name ?? ''))
  return artifacts
    .filter(
      ({ id, contract }) => id.source === file && hasTests(contract) && (contract.bytecode ?? '').length > 2,
    )
    .map(({ id }) => id)
}

/** Runs the tests of some suites. */
export async function runSuites(
  root: string,
  artifacts: Artifact[],
  suites: ArtifactId[],
  options: RunOptions,
): Promise<TestResult[]> {
  const results: TestResult[] = []
  context ??= newContext()
  const edr = await context
  await new Promise<void>((done, fail) => {
    let left = suites.length
    let isOver = false
    const config = configOf(root, options)
    edr
      .runSolidityTests(L1_CHAIN_TYPE, artifacts, suites, config, {}, ({ id, testResults }) => {
        for (const { name, status, reason = '', kind } of testResults) {
          const gas = 'consumedGas' in kind ? kind.consumedGas : 'meanGas' in kind ? kind.meanGas : undefined
          const passed = status !== 'Failure'
          results.push({ file: id.source, suite: id.name, test: name, passed, reason, gas })
        }
        if (--left === 0 && isOver) done()
      })
      .then(() => {
        isOver = true
        if (left === 0) done()
      }, fail)
  })
  return results
}

async function newContext(): Promise<EdrContext> {
  const edr = new EdrContext()
  await edr.registerSolidityTestRunnerFactory(L1_CHAIN_TYPE, l1SolidityTestRunnerFactory())
  return edr
}

function configOf(root: string, options: RunOptions): SolidityTestRunnerConfigArgs {
  const { fuzzRuns, invariantRuns, invariantDepth, gasLimit, coinbase, onHits } = options
  return {
    projectRoot: root,
    hardfork: HARDFORK,
    localPredeploys: l1GenesisState(l1HardforkFromString(HARDFORK)),
    fsPermissions: [{ access: FsAccessPermission.ReadDirectory, path: join(root, 'test/vectors') }],
    disableBlockGasLimit: true,
    disableTransactionGasCap: true,
    collectStackTraces: CollectStackTraces.OnFailure,
    gasLimit,
    fuzz: { runs: fuzzRuns, seed: '0xa55a7' },
    invariant: { runs: invariantRuns, depth: invariantDepth, failOnRevert: true },
    ...(coinbase === undefined ? {} : { blockCoinbase: addressOf(coinbase) }),
    ...(onHits === undefined
      ? {}
      : { observability: { codeCoverage: { onCollectedCoverageCallback: collect(onHits) } } }),
  }
}

function collect(onHits: (hits: bigint[]) => void) {
  return async (hits: Uint8Array[]) =>
    onHits(hits.map((hit) => BigInt(`0x${Buffer.from(hit).toString('hex')}`)))
}

function addressOf(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(40, '0'), 'hex')
}

/** The name that the collector's library is imported by. */
export const COLLECTOR = 'Collector.sol'

/** Text of the library that reports to the collector. */
export function collectorLibrary(): string {
  const edr = join(import.meta.dirname, '../../node_modules/@nomicfoundation/edr/coverage.sol')
  return readFileSync(edr, 'utf8')
}
