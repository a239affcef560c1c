import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { writeAndName, writeWholeFile } from './whole-file.ts'

const run = promisify(execFile)
const MODULE = join(import.meta.dirname, 'whole-file.ts')

describe('a file that is written whole', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-whole-file-'))
  })
  afterEach(() => rm(dir, { recursive: true }))

  /** Writes 64 KiB in another process, which may write files of at most `blocks` of 512 or 1,024 bytes. */
  const writeWithin = (blocks: number, options: object) => {
    const program = `
      const { writeWholeFile } = await import(${JSON.stringify(MODULE)})
      await writeWholeFile('f', new Uint8Array(65536), ${JSON.stringify(options)}).catch((error) => {
        console.log(error.message, error.code, error.path)
      })`
    const shell = `ulimit -f ${blocks}; exec "$0" --input-type=module -e "$1"`
    return run('sh', ['-c', shell, process.execPath, program], { cwd: dir })
  }

  it('holds all of what it should, in parts too, for whom it should', async () => {
    const file = join(dir, 'key.json')
    await writeWholeFile(file, [Uint8Array.of(1, 2), Uint8Array.of(3)], { mode: 0o600, isNew: true })
    expect([...(await readFile(file))]).to.deep.equal([1, 2, 3])
    expect((await stat(file)).mode & 0o777).to.equal(0o600)

    await writeWholeFile(file, 'anew')
    expect(await readFile(file, 'utf8')).to.equal('anew')
    expect(await readdir(dir)).to.deep.equal(['key.json'])
  })

  it('gets a name that follows from what it holds', async () => {
    let bytes = 0
    async function* parts() {
      for (const part of [Uint8Array.of(1, 2), Uint8Array.of(3)]) {
        bytes += part.length
        yield part
      }
    }
    await writeAndName(dir, parts(), () => `${bytes}-bytes`)
    expect(await readdir(dir)).to.deep.equal(['3-bytes'])
    expect([...(await readFile(join(dir, '3-bytes')))]).to.deep.equal([1, 2, 3])
  })

  it('is not there when its content can not be made, for the reason that this has', async () => {
    const reason = Object.assign(new Error('no more'), { code: 'state' })
    // biome-ignore lint/correctness/useYield: it fails before.
    async function* parts(): AsyncGenerator<Uint8Array> {
      throw reason
    }
    for (const write of [writeAndName(dir, parts(), () => 'x'), writeWholeFile(join(dir, 'x'), parts())])
      expect(await write.catch((error: unknown) => error)).to.equal(reason)
    expect(await readdir(dir)).to.deep.equal([])
  })

  it('stays as it is if it must be new', async () => {
    const file = join(dir, 'key.json')
    const writers = ['first', 'second', 'third'].map((text) => writeWholeFile(file, text, { isNew: true }))
    const ends = await Promise.allSettled(writers)
    const failed = ends.filter(({ status }) => status === 'rejected')
    expect(failed).to.have.length(2)
    for (const { reason } of failed as PromiseRejectedResult[]) {
      expect(reason).to.include({ code: 'EEXIST', path: file })
      expect(reason.message).to.equal(`EEXIST: file already exists, write '${file}'`)
    }
    expect(['first', 'second', 'third']).to.include(await readFile(file, 'utf8'))
    expect(await readdir(dir)).to.deep.equal(['key.json'])
  })

  it('is not there, or as it was, when there was no room', async () => {
    for (const options of [{ isNew: true }, {}]) {
      const { stdout } = await writeWithin(2, options)
      expect(stdout).to.equal("EFBIG: file too large, write 'f' EFBIG f\n")
      expect(await readdir(dir)).to.deep.equal([])
    }
    await writeFile(join(dir, 'f'), 'before')
    await writeWithin(2, {})
    expect(await readFile(join(dir, 'f'), 'utf8')).to.equal('before')
    expect(await readdir(dir)).to.deep.equal(['f'])
  })

  it('is written once more after a writer was killed, and what that one left goes', async () => {
    const dead = execFile(process.execPath, ['-e', ''])
    await once(dead, 'exit')
    await writeFile(join(dir, `.f.${dead.pid}-${'0'.repeat(12)}.tmp`), 'half')
    await writeFile(join(dir, `.f.${process.pid}-${'0'.repeat(12)}.tmp`), 'being written')
    await writeFile(join(dir, `.g.${dead.pid}-${'0'.repeat(12)}.tmp`), 'of another file')

    await writeWholeFile(join(dir, 'f'), 'whole', { isNew: true })

    expect(await readdir(dir)).to.have.members([
      'f',
      `.f.${process.pid}-${'0'.repeat(12)}.tmp`,
      `.g.${dead.pid}-${'0'.repeat(12)}.tmp`,
    ])
  })

  it('is the one that a symbolic link leads to, and a pipe is written into', async () => {
    await writeFile(join(dir, 'target'), 'before')
    await symlink('target', join(dir, 'link'))
    await writeWholeFile(join(dir, 'link'), 'after')
    expect(await readFile(join(dir, 'target'), 'utf8')).to.equal('after')

    await run('mkfifo', [join(dir, 'pipe')])
    const [{ stdout }] = await Promise.all([
      run('cat', [join(dir, 'pipe')]),
      writeWholeFile(join(dir, 'pipe'), 'through'),
    ])
    expect(stdout).to.equal('through')
    expect((await stat(join(dir, 'pipe'))).isFIFO()).to.equal(true)
  })

  it('names a folder that is not there', async () => {
    const file = join(dir, 'nowhere', 'f')
    const error = await writeWholeFile(file, '').catch((thrown) => thrown)
    expect(error).to.include({ code: 'ENOENT', path: file })
  })
})
