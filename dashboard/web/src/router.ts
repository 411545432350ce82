import { createRouter, createWebHistory, type Router } from "vue-router";
import { identity, may, restoreSession } from "./api/session.ts";

/** The wall itself, or a composed one: what a shared link may open. */
function isWall(path: string): boolean {
  return /^\/wall(\/[^/]+)?$/.test(path);
}

const keptInAddress = ["lang", "theme", "token"] as const;

/** Pages of contract 3; every one but the sign-in needs a session. */
export function createPages(): Router {
  const router = createRouter({
    history: createWebHistory(),
    routes: [
      { path: "/", redirect: "/wall" },
      { path: "/login", component: () => import("./console/LoginPage.vue") },
      { path: "/wall", component: () => import("./wall/WallPage.vue") },
      {
        path: "/wall/:id",
        component: () => import("./wall/WallPage.vue"),
        props: true,
      },
      {
        path: "/customers/:id/memo",
        component: () => import("./console/customer/MemoPage.vue"),
        props: true,
      },
      {
        path: "/",
        component: () => import("./console/ConsoleShell.vue"),
        children: [
          {
            path: "alerts",
            component: () => import("./console/AlertsPage.vue"),
          },
          {
            path: "alerts/silences",
            component: () => import("./console/SilencesPage.vue"),
          },
          {
            path: "walls",
            component: () => import("./console/WallsPage.vue"),
          },
          {
            path: "wall/:id/edit",
            component: () => import("./console/walls/ComposerPage.vue"),
            props: true,
          },
          {
            path: "notify",
            component: () => import("./console/NotifyPage.vue"),
          },
          {
            path: "orders",
            component: () => import("./console/OrdersPage.vue"),
          },
          {
            path: "customers",
            component: () => import("./console/CustomersPage.vue"),
          },
          {
            path: "customers/:id",
            component: () => import("./console/customer/CustomerPage.vue"),
            props: true,
          },
          {
            path: "groups",
            component: () => import("./console/GroupsPage.vue"),
          },
          {
            path: "groups/:id",
            component: () => import("./console/GroupPage.vue"),
            props: true,
          },
          {
            path: "runbooks/:rule",
            component: () => import("./console/RunbookPage.vue"),
            props: true,
          },
          {
            path: "trends",
            component: () => import("./console/TrendsPage.vue"),
          },
          {
            path: "ingest",
            component: () => import("./console/IngestPage.vue"),
          },
          { path: "ops", component: () => import("./console/OpsPage.vue") },
          {
            path: "people",
            component: () => import("./console/PeoplePage.vue"),
          },
          {
            path: "oncall",
            component: () => import("./console/OncallPage.vue"),
          },
          {
            path: "account",
            component: () => import("./console/AccountPage.vue"),
          },
          {
            path: ":rest(.*)*",
            component: () => import("./console/UnknownPage.vue"),
          },
        ],
      },
    ],
  });
  router.beforeEach(async (to) => {
    if (to.path === "/login") return true;
    const known = await restoreSession();
    if (!known) return { path: "/login", query: { then: to.fullPath } };
    // A shared wall is the wall and nothing else.
    if (!may("look") && may("watch") && !isWall(to.path)) {
      return { path: "/wall", query: to.query };
    }
    // Nothing else answers before a password of one's own is chosen.
    const first = identity.value?.mustChange === true;
    return first && to.path !== "/account" ? { path: "/account" } : true;
  });
  // Language, theme and token stay in the address from page to page.
  router.beforeEach((to, from) => {
    const kept = keptInAddress.filter(
      (name) => from.query[name] !== undefined && to.query[name] === undefined,
    );
    if (kept.length === 0) return true;
    const added = kept.map((name) => [name, from.query[name]] as const);
    const query = { ...to.query, ...Object.fromEntries(added) };
    return { ...to, query, replace: to.redirectedFrom !== undefined };
  });
  return router;
}
