import { gzipSync } from 'node:zlib'

/** A member as somebody with bad intentions would write it; `type` is its letter. */
export type HostileMember = {
  name: string
  type?: string
  /** Seven octal digits, or whatever stands in their place. */
  mode?: string
  data?: string
  link?: string
  size?: number | 'base256'
  sum?: number
}

/** A `.tar.gz` of such members, its headers as ustar has them. */
export function hostileTar(members: readonly HostileMember[], end = 1_024): Buffer {
  return gzipSync(Buffer.concat([...members.map(member), Buffer.alloc(end)]))
}

/** A pax header for the member after it. */
export function pax(records: Record<string, string>, type = 'x'): HostileMember {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`
    let length = rest.length
    while (`${length}${rest}`.length !== length) length += 1
    return `${length}${rest}`
  })
  return { name: 'pax', type, data: lines.join('') }
}

function member({ name, type = '0', mode = '0000644', data = '', link = '', size, sum }: HostileMember): Buffer {
  const content = Buffer.from(data)
  const header = Buffer.alloc(512)
  header.write(name, 0, 100, 'latin1')
  header.write(`${mode}\0`, 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write((typeof size === 'number' ? size : content.length).toString(8).padStart(11, '0'), 124)
  if (size === 'base256') header.write('ffffffffffffffffffffffff', 124, 'hex')
  header.write('00000000000\0', 136)
  header.write('        ', 148)
  header.write(type, 156)
  header.write(link, 157)
  header.write('ustar\u000000', 257)
  header.write(`${(sum ?? header.reduce((total, byte) => total + byte, 0)).toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)])
}
