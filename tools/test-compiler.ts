import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { SolidityCompilerConfig } from 'hardhat/types/config'
import type { HookContext } from 'hardhat/types/hooks'
import type { HardhatPlugin } from 'hardhat/types/plugins'

const root = join(import.meta.dirname, '..')
/** Tests of internal libraries hold the code that they test, so that is optimized as it ships. */
const WITHOUT_OPTIMIZER = 'test/solidity/{*,rounds/**/*,court/**/*}.t.sol'

/**
 * Compiles Solidity tests without the optimizer: that takes most of the time, and no chain gets them. They deploy the
 * contracts as they ship, see `test/solidity/fixtures/Shipped.sol`.
 */
export const testCompiler: HardhatPlugin = {
  id: 'assay-test-compiler',
  hookHandlers: {
    config: async () => ({
      default: async () => ({
        resolveUserConfig: async (userConfig, resolveVariable, next) => {
          const config = await next(userConfig, resolveVariable)
          const { overrides, compilers } = config.solidity.profiles.default!
          const plain = withoutOptimizer(compilers[0]!)
          // One object for all of them: Hardhat compiles together what has the same one.
          for (const file of globSync(WITHOUT_OPTIMIZER, { cwd: root })) overrides[file] = plain
          return config
        },
      }),
    }),
    solidity: async () => ({
      default: async () => ({
        build: async (context, files, options, next) => {
          // Whoever compiles one test gets the contracts that it deploys, too.
          const contracts = await contractFiles(context)
          // By default Hardhat leaves one core idle, which is half of two.
          const concurrency = availableParallelism()
          return next(context, [...new Set([...files, ...contracts])], { ...options, concurrency })
        },
        // Else the compiler makes code of all contracts that a test imports, too.
        preprocessSolcInputBeforeBuilding: async (context, input, next) => {
          const { optimizer, outputSelection } = input.settings
          if (optimizer?.enabled !== false) return next(context, input)
          const { '': perFile = [], '*': perContract = [] } = outputSelection['*'] ?? {}
          const selection = Object.keys(input.sources).map((source) => [
            source,
            { '': perFile, '*': isTest(source) ? perContract : [] },
          ])
          const settings = { ...input.settings, outputSelection: Object.fromEntries(selection) }
          return next(context, { ...input, settings })
        },
        // A chain for tests reads all that was compiled, and expects something of each contract in a syntax tree.
        invokeSolc: async (context, compiler, input, config, next) => {
          const output = await next(context, compiler, input, config)
          if (input.settings.optimizer?.enabled !== false) return output
          const contracts = Object.entries(output.sources ?? {}).map(([source, { ast }]) => [
            source,
            output.contracts?.[source] ?? Object.fromEntries(namesIn(ast).map((name) => [name, NO_CODE])),
          ])
          return { ...output, contracts: Object.fromEntries(contracts) }
        },
      }),
    }),
  },
}

/** What the compiler says of an interface, too. */
const NO_CODE = {
  abi: [],
  evm: {
    bytecode: { linkReferences: {}, object: '', opcodes: '', sourceMap: '' },
    deployedBytecode: { immutableReferences: {}, linkReferences: {}, object: '', opcodes: '', sourceMap: '' },
    methodIdentifiers: {},
  },
}

function namesIn({ nodes }: { nodes: { nodeType: string; name: string }[] }): string[] {
  return nodes.filter(({ nodeType }) => nodeType === 'ContractDefinition').map(({ name }) => name)
}

function isTest(source: string): boolean {
  return source.startsWith('project/test/')
}

async function contractFiles({ solidity }: HookContext): Promise<string[]> {
  const files = await solidity.getRootFilePaths({ scope: 'contracts' })
  const scopes = await Promise.all(files.map((file) => solidity.getScope(file)))
  return files.filter((_, i) => scopes[i] === 'contracts')
}

function withoutOptimizer(compiler: SolidityCompilerConfig): SolidityCompilerConfig {
  return { ...compiler, settings: { ...compiler.settings, optimizer: { enabled: false } } }
}
