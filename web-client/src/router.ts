import { createRouter, createWebHistory, type RouteLocationNormalized, type Router, type RouterHistory, type RouteRecordRaw } from 'vue-router'
import WardPage from './features/ward/WardPage.vue'
import { paths, patterns } from './paths.ts'
import type { Session } from './session.ts'

/** Pages. Tabs are routes; which feature fills a tab is decided here, so that no feature imports another. */
const routes: RouteRecordRaw[] = [
  { path: patterns.signIn, name: 'sign-in', component: () => import('./features/sign-in/SignInPage.vue'), meta: { open: true } },
  { path: patterns.wards, name: 'wards', component: () => import('./features/wards/WardListPage.vue') },
  { path: patterns.ward, name: 'ward', component: WardPage, props: true },
  {
    path: patterns.patient,
    component: () => import('./features/patient/PatientPage.vue'),
    props: true,
    children: [
      { path: '', redirect: ({ params }) => paths.patient(String(params['stay'])) },
      { path: 'live', name: 'patient-live', component: () => import('./features/patient/LiveTab.vue') },
      { path: 'replay', name: 'patient-replay', component: () => import('./features/patient/replay/ReplayTab.vue') },
      { path: 'trends', name: 'patient-trends', component: () => import('./features/trends/TrendsTab.vue') },
      { path: 'limits', name: 'patient-limits', component: () => import('./features/limits/LimitsTab.vue') },
      { path: 'remote', name: 'patient-remote', component: () => import('./features/remote/RemotePanel.vue') },
      { path: 'history', name: 'patient-history', component: () => import('./features/history/HistoryPage.vue') },
    ],
  },
  { path: patterns.alarms, name: 'alarms', component: () => import('./features/alarms/AlarmPage.vue') },
  { path: patterns.alarm, name: 'alarm', component: () => import('./features/alarms/AlarmLifePage.vue'), props: true },
  { path: patterns.phone, redirect: patterns.wards },
  { path: patterns.me, name: 'me', component: () => import('./features/mirror/MirrorPage.vue'), meta: { open: true } },
  { path: patterns.audit, name: 'audit', component: () => import('./features/audit/AuditPage.vue') },
  { path: patterns.people, name: 'people', component: () => import('./features/people/PeoplePage.vue') },
  { path: patterns.settings, name: 'settings', component: () => import('./features/settings/SettingsPage.vue') },
  { path: patterns.wardSetup, name: 'ward-setup', component: () => import('./features/wards/WardSetupPage.vue') },
  { path: patterns.profiles, name: 'profiles', component: () => import('./features/limits/ProfilesPage.vue') },
  { path: patterns.shift, name: 'shift', component: () => import('./features/shift/ShiftPage.vue') },
  { path: patterns.handover, name: 'handover', component: () => import('./features/shift/HandoverPage.vue') },
  { path: patterns.history, name: 'history', component: () => import('./features/history/HistoryPage.vue') },
  { path: patterns.admit, name: 'admit', component: () => import('./features/admit/AdmitPage.vue') },
  { path: patterns.proposals, name: 'proposals', component: () => import('./features/admissions/ProposalPage.vue') },
  { path: patterns.devices, name: 'devices', component: () => import('./features/devices/DeviceListPage.vue') },
  {
    path: patterns.device,
    component: () => import('./features/devices/DevicePage.vue'),
    props: true,
    children: [{ path: '', name: 'device', components: { remote: () => import('./features/remote/RemotePanel.vue') } }],
  },
  { path: '/:rest(.*)*', name: 'nowhere', component: () => import('./shell/NowherePage.vue') },
]

/** Every page but sign-in needs a session; who has none signs in and comes back to where they were going. */
export function createAppRouter(session: Session, history: RouterHistory = createWebHistory()): Router {
  const router = createRouter({ history, routes, scrollBehavior: ({ hash }, _from, saved) => saved ?? (hash === '' ? { top: 0 } : { el: hash }) })
  router.beforeEach(async (to) => {
    fetchPages(to)
    if (to.meta['open'] === true) return true
    const signedIn = await session.load().catch(() => undefined)
    // A patient's account has one page.
    if (session.info.value?.user.role === 'patient') return paths.me()
    // The server is away: the page opens and says so itself.
    return signedIn === false ? paths.signIn(to.fullPath) : true
  })
  return router
}

/** Pages come while the server is asked who is there, not after. What cannot be had is told when it is needed. */
function fetchPages({ matched }: RouteLocationNormalized): void {
  for (const { components } of matched) {
    for (const page of Object.values(components ?? {})) if (isLoader(page)) page().catch(() => undefined)
  }
}

/** A page that comes by `import()`; a component of ours is an object. */
function isLoader(page: unknown): page is () => Promise<unknown> {
  return typeof page === 'function'
}
