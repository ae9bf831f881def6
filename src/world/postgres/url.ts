/** What libpq reads from its environment, by the name a URL gives it. Anything else in a URL is for drivers, not for libpq. */
const VARIABLES: Readonly<Record<string, string>> = {
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  user: 'PGUSER',
  dbname: 'PGDATABASE',
  options: 'PGOPTIONS',
  sslmode: 'PGSSLMODE',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  sslrootcert: 'PGSSLROOTCERT',
  sslcrl: 'PGSSLCRL',
  sslnegotiation: 'PGSSLNEGOTIATION',
  gssencmode: 'PGGSSENCMODE',
  channel_binding: 'PGCHANNELBINDING',
  require_auth: 'PGREQUIREAUTH',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
  connect_timeout: 'PGCONNECT_TIMEOUT',
}

const URL_FORM = /^postgres(?:ql)?(?:\+\w+)?:\/\/(?:([^@/?]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s

/** A connection URL as libpq's variables, and its password apart. Null when it is none. */
export function parseUrl(url: string): { env: Record<string, string>; password: string | null } | null {
  const [whole, userinfo, hosts = '', path = '', query = ''] = URL_FORM.exec(url.trim()) ?? []
  if (whole === undefined) return null
  const found: Record<string, string> = {}
  const take = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '') found[name] = value
  }
  try {
    const [user, ...password] = (userinfo ?? '').split(':')
    take('user', decodeURIComponent(user ?? ''))
    take('password', decodeURIComponent(password.join(':')))
    take('dbname', decodeURIComponent(path))
    const places = hosts === '' ? [] : hosts.split(',').map(place)
    take('host', places.map(({ host }) => host).join(','))
    if (places.some(({ port }) => port !== '')) take('port', places.map(({ port }) => port || '5432').join(','))
    for (const pair of query.split('&')) {
      const at = pair.indexOf('=')
      if (at > 0) take(decodeURIComponent(pair.slice(0, at)), decodeURIComponent(pair.slice(at + 1)))
    }
  } catch {
    return null
  }
  // As drivers spell it: JDBC's and node-postgres's words for an encrypted connection.
  if (found['ssl'] === 'true' || found['sslmode'] === 'no-verify') found['sslmode'] = 'require'
  const env = Object.entries(found).flatMap(([name, value]) => {
    const variable = Object.hasOwn(VARIABLES, name) ? VARIABLES[name] : undefined
    return variable === undefined ? [] : [[variable, value] as const]
  })
  return { env: Object.fromEntries(env), password: found['password'] ?? null }
}

function place(text: string): { host: string; port: string } {
  const [, six, four = '', port = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(text) ?? []
  return { host: decodeURIComponent(six ?? four), port }
}
