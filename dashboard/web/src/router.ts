import { createRouter, createWebHistory, type Router } from "vue-router";
import { restoreSession } from "./session.ts";

/** Routes of contract 3; every page but the sign-in needs a session. */
export function createPages(): Router {
  const router = createRouter({
    history: createWebHistory(),
    routes: [
      { path: "/", redirect: "/wall" },
      { path: "/login", component: () => import("./pages/LoginPage.vue") },
      { path: "/wall", component: () => import("./pages/WallPage.vue") },
      {
        path: "/",
        component: () => import("./pages/ConsoleShell.vue"),
        children: [
          { path: "alerts", component: () => import("./pages/AlertsPage.vue") },
          {
            path: "customers",
            component: () => import("./pages/CustomersPage.vue"),
          },
          {
            path: "customers/:id",
            component: () => import("./pages/CustomerPage.vue"),
            props: true,
          },
          { path: "trends", component: () => import("./pages/TrendsPage.vue") },
          { path: "ops", component: () => import("./pages/OpsPage.vue") },
        ],
      },
    ],
  });
  router.beforeEach(async (to) => {
    if (to.path === "/login") return true;
    const known = await restoreSession();
    return known ? true : { path: "/login", query: { then: to.fullPath } };
  });
  return router;
}
