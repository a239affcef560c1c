import { createRequire } from 'node:module'
import toolbox from '@nomicfoundation/hardhat-toolbox-mocha-ethers'
import { configVariable, defineConfig } from 'hardhat/config'
import { testCompiler } from './tools/test-compiler.ts'

const require = createRequire(import.meta.url)

/** A number from the environment: `npm run test:full` sets higher ones than the defaults. */
function fromEnvironment(name: string, otherwise: number): number {
  const text = process.env[name]
  if (text === undefined || text === '') return otherwise
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`${name} must be a positive whole number, not "${text}"`)
  return value
}

/**
 * The compiler comes with npm: nothing is downloaded while compiling. Code has no appended metadata hash, so that a changed
 * comment doesn't change it.
 */
function compiler(runs: number) {
  return {
    version: '0.8.37',
    path: require.resolve('solc/soljson.js'),
    settings: { evmVersion: 'prague', optimizer: { enabled: true, runs }, metadata: { appendCBOR: false } },
  }
}

export default defineConfig({
  plugins: [toolbox, testCompiler],
  solidity: {
    compilers: [compiler(200)],
    overrides: {
      // Every contributor and validator pays for this one each round: as much speed as leaves room for later code.
      'contracts/Rounds.sol': compiler(300),
      // Small, and called by everybody.
      'contracts/AssayToken.sol': compiler(100_000),
      'contracts/StakeRegistry.sol': compiler(100_000),
    },
  },
  paths: {
    sources: './contracts',
    tests: { solidity: './test/solidity', mocha: './test/contracts' },
  },
  networks: {
    localhost: { type: 'http', chainType: 'l1', url: 'http://127.0.0.1:8545' },
    // Any chain by URL: ASSAY_RPC_URL and ASSAY_DEPLOYER_KEY, from the environment or Hardhat's keystore.
    custom: {
      type: 'http',
      url: configVariable('ASSAY_RPC_URL'),
      accounts: [configVariable('ASSAY_DEPLOYER_KEY')],
    },
    sepolia: {
      type: 'http',
      chainType: 'l1',
      chainId: 11155111,
      url: configVariable('SEPOLIA_RPC_URL'),
      accounts: [configVariable('SEPOLIA_DEPLOYER_KEY')],
    },
  },
  ignition: { requiredConfirmations: 1 },
  typechain: { outDir: './types', tsNocheck: true },
  test: {
    mocha: { timeout: 600_000, reporter: './tools/count-reporter.cjs' },
    solidity: {
      fsPermissions: { readDirectory: ['./test/vectors'] },
      fuzz: {
        runs: fromEnvironment('ASSAY_FUZZ_RUNS', 1_000),
        // A fixed seed makes a failure repeat; set another to search elsewhere.
        seed: process.env.ASSAY_FUZZ_SEED ?? '0xa55a7',
      },
      invariant: {
        runs: fromEnvironment('ASSAY_INVARIANT_RUNS', 128),
        depth: fromEnvironment('ASSAY_INVARIANT_DEPTH', 100),
        failOnRevert: true,
      },
    },
  },
})
