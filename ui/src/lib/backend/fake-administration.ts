import type * as T from './generated';
import { invalid } from './fake-settings';

const SINCE = '2026-11-02T09:00:00Z';

const user = (
  name: string,
  role: T.AccountRole,
  changed: Partial<T.AdminUser> = {},
): T.AdminUser => ({
  id: `00000000-0000-7000-8000-${name.length.toString().padStart(12, '0')}`,
  name,
  role,
  email: null,
  signs_in: false,
  person: false,
  tokens: 0,
  closed: false,
  oneself: false,
  since: SINCE,
  ...changed,
});

/** The administration of an organisation, in memory. */
export class FakeAdministration {
  organisations: T.AdminOrganisation[] = [
    { name: 'DJI', title: 'Dienst Justitiële Inrichtingen' },
    { name: 'OM', title: 'Openbaar Ministerie' },
  ];
  users: T.AdminUser[] = [
    user('anna', 'administrator', { oneself: true, signs_in: true, person: true }),
    user('koppeling', 'author', { tokens: 1 }),
    user('bertje', 'reviewer', { signs_in: true, person: true, email: 'bertje@om.example' }),
  ];
  tokens: T.AdminToken[] = [
    {
      id: 't1',
      user: 'koppeling',
      by: 'anna',
      since: SINCE,
      until: '2027-01-31T09:00:00Z',
      holds: true,
      revoked: false,
    },
  ];
  quota: T.AdminQuota = {
    budget: { day_tokens: 200_000, month_tokens: null, day_euro: null, month_euro: 100 },
    own: { day_tokens: 50_000, month_tokens: null, day_euro: null, month_euro: null },
    day: { calls: 12, tokens: 8_400, euro: 0.42 },
    month: { calls: 310, tokens: 240_100, euro: 12.5 },
    users: [
      {
        name: 'bertje',
        day: { calls: 12, tokens: 8_400, euro: 0.42 },
        month: { calls: 310, tokens: 240_100, euro: 12.5 },
      },
    ],
  };
  releases: T.AdminRelease[] = [
    {
      kind: 'pack',
      version: '2026.2',
      percent: 25,
      signer: 'onderhoud',
      everyone: true,
      since: SINCE,
    },
    { kind: 'flags', version: '3', percent: 0, signer: 'OM', everyone: false, since: SINCE },
  ];
  records: T.AdminRecord[] = [
    {
      id: 2,
      at: SINCE,
      by: 'anna',
      act: 'role_changed',
      about: 'bertje',
      was: 'author',
      became: 'reviewer',
    },
    { id: 1, at: SINCE, by: '', act: 'budget', about: 'day_tokens', was: null, became: '200000' },
  ];

  private found(id: string): T.AdminUser {
    const found = this.users.find((user) => user.id === id);
    if (!found) throw { ...invalid(''), code: 'BG-842' };
    return found;
  }
  private put(next: T.AdminUser): T.AdminUser {
    this.users = this.users.map((user) => (user.id === next.id ? next : user));
    return next;
  }
  add({ name, role, email }: T.AdminNewUser): T.AdminUser {
    if (this.users.some((user) => user.name === name)) throw { ...invalid(''), code: 'BG-843' };
    if (email && !email.endsWith('@om.example')) throw { ...invalid(''), code: 'BG-851' };
    const added = user(name, role, { email, person: email !== null });
    this.users = [...this.users, added];
    return added;
  }
  change({ id, change }: T.AdminChange): T.AdminUser {
    const { role, closed, email } = this.found(id);
    return this.put({
      ...this.found(id),
      role: change.role ?? role,
      closed: change.closed ?? closed,
      email: change.email ?? email,
    });
  }
  unlink(id: string): T.AdminUser {
    return this.put({ ...this.found(id), email: null, signs_in: false });
  }
  make({ user, days }: T.AdminNewToken): T.AdminMadeToken {
    const { name } = this.found(user);
    const until = new Date(Date.parse(SINCE) + days * 86_400_000).toISOString();
    const made = { id: 't2', user: name, by: 'anna', since: SINCE, until, holds: true };
    this.tokens = [...this.tokens, { ...made, revoked: false }];
    return { id: 't2', secret: 'begrip_0123_geheim' };
  }
  revoke(id: string): T.AdminToken {
    const all = this.tokens.map((token) =>
      token.id === id ? { ...token, holds: false, revoked: true } : token,
    );
    this.tokens = all;
    return all.find((token) => token.id === id)!;
  }
  limit(change: T.AdminBoundsChange): T.AdminQuota {
    if ((change.day_tokens ?? 0) > (this.quota.budget.day_tokens ?? Infinity)) {
      throw { ...invalid(''), code: 'BG-849' };
    }
    this.quota = { ...this.quota, own: { ...this.quota.own, ...change } };
    return this.quota;
  }
  log({ before }: T.AdminLogAsk): T.AdminLog {
    const records = this.records.filter(({ id }) => before === null || id < before);
    return { records: records.slice(0, 1), more: records.length > 1 };
  }
}
