import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectReader } from '@assay/sdk/client/clients.ts'
import { readDeployment } from '@assay/sdk/client/deployment-file.ts'
import { expect } from 'chai'
import { type Hex, keccak256, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { startAutomine } from './support/automine.ts'

const ROOT = join(import.meta.dirname, '../..')
const HARDHAT = join(ROOT, 'node_modules/hardhat/dist/src/cli.js')
const DEPLOY = join(ROOT, 'scripts/deploy.ts')
const SEPOLIA = 11_155_111
const KEY: Hex = keccak256(toHex('deployer of the Sepolia test'))
const PASSWORD = 'correct horse battery'
/** Set where tests run unattended, where Hardhat then leaves its keystore alone. */
const UNATTENDED = ['CI', 'GITHUB_ACTIONS', 'CONTINUOUS_INTEGRATION', 'BUILD_NUMBER', 'RUN_ID', 'HH_TEST']

describe('deploying to Sepolia by name', () => {
  let chain: Awaited<ReturnType<typeof startAutomine>>
  let home: string

  before(async () => {
    // As public nodes do, this one refuses a transaction above the gas that EIP-7825 allows.
    chain = await startAutomine(SEPOLIA, ['--enable-tx-gas-limit'])
    await chain.client.setBalance({ address: privateKeyToAccount(KEY).address, value: 10n ** 18n })
    home = await mkdtemp(join(tmpdir(), 'assay-sepolia-'))
  })
  after(async () => {
    await chain.stop()
    await rm(home, { recursive: true })
  })

  const deploy = () => answered([DEPLOY, '--network', 'sepolia', '--out', home], [PASSWORD])
  const keep = (name: string, secret: string, ...passwords: string[]) =>
    answered([HARDHAT, 'keystore', 'set', name], [...passwords, secret])

  it("takes URL and key from Hardhat's keystore, once both are there", async () => {
    const bare = await deploy()
    expect(bare.code, bare.output).to.equal(1)
    expect(bare.output).to.include('hardhat keystore set SEPOLIA_')

    const url = await keep('SEPOLIA_RPC_URL', chain.rpcUrl, PASSWORD, PASSWORD)
    expect(url.code, url.output).to.equal(0)
    const key = await keep('SEPOLIA_DEPLOYER_KEY', KEY, PASSWORD)
    expect(key.code, key.output).to.equal(0)

    const first = await deploy()
    expect(first.code, first.output).to.equal(0)
    const file = join(home, 'sepolia.json')
    const written = await readFile(file, 'utf8')
    expect(JSON.parse(written)).to.include({ network: 'sepolia', chainId: SEPOLIA })
    await connectReader({ deployment: readDeployment(file), rpcUrl: chain.rpcUrl })

    const second = await deploy()
    expect(second.output).to.include('Everything is deployed already')
    expect(await readFile(file, 'utf8')).to.equal(written)
  })

  /** Runs a program as at a terminal: the answers go in one by one, each when it is asked for. */
  function answered(args: string[], answers: string[]): Promise<{ code: number | null; output: string }> {
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !UNATTENDED.includes(name) && !name.startsWith('XDG_')),
    )
    return new Promise((ended, failed) => {
      const child = spawn(process.execPath, args, { cwd: ROOT, env: { ...env, HOME: home } })
      const left = [...answers]
      let output = ''
      child.stdout.on('data', (part: Buffer) => {
        output += part
        if (!/(password|secret)[^\n]*: $/.test(output)) return
        child.stdin.write(`${left.shift() ?? ''}\n`)
        if (left.length === 0) child.stdin.end()
      })
      child.stderr.on('data', (part) => (output += part))
      child.once('error', failed)
      child.once('close', (code) => ended({ code, output }))
    })
  }
})
