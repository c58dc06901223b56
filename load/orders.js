// Place orders on the HTTP API at a rising rate. k6 exits with 99 if a threshold is missed.
//
//   ORDERBUS_URL=https://… ORDERBUS_TOKEN=… k6 run load/orders.js
//
// ORDERBUS_TOKEN: a customer's token, or several between commas, used in turn. A customer may place
// `orders_per_minute` orders: raise that setting of the stage for the test, or use many customers.
// The fraud check may cancel orders of a customer who places many in an hour.
// ORDERBUS_RATE: orders a second at the peak (50). ORDERBUS_SKUS: SKUs of the catalogue.
// https://grafana.com/docs/k6/latest/using-k6/scenarios/executors/ramping-arrival-rate/
import http from "k6/http";
import { check } from "k6";
import exec from "k6/execution";
import { Rate } from "k6/metrics";

const URL = required("ORDERBUS_URL").replace(/\/$/, "");
const TOKENS = required("ORDERBUS_TOKEN").split(",");
const RATE = Number(__ENV.ORDERBUS_RATE || 50);
const SKUS = (__ENV.ORDERBUS_SKUS || "CD-ABBEY-ROAD,CD-BLUE-TRAIN,CD-KIND-OF-BLUE").split(",");
const ACCEPTED = 202;
const THROTTLED = 429;
const UNAVAILABLE = 503;

const throttled = new Rate("throttled");
const unavailable = new Rate("unavailable");

// A throttled or unavailable request is no failure of http_req_failed: it has a threshold of its own.
http.setResponseCallback(http.expectedStatuses(ACCEPTED, THROTTLED, UNAVAILABLE));

export const options = {
  scenarios: {
    orders: {
      executor: "ramping-arrival-rate",
      startRate: 1,
      timeUnit: "1s",
      preAllocatedVUs: Math.max(10, RATE),
      maxVUs: Math.max(20, RATE * 4),
      stages: [
        { target: RATE, duration: "2m" },
        { target: RATE, duration: "5m" },
        { target: 0, duration: "30s" },
      ],
    },
  },
  thresholds: {
    http_req_failed: ["rate<0.001"],
    http_req_duration: ["p(95)<1000"],
    checks: ["rate>0.999"],
    throttled: ["rate<0.01"],
    unavailable: ["rate<0.001"],
    dropped_iterations: ["count<1"], // k6 had too few VUs: the rate was not reached
  },
};

export function setup() {
  return { run: Date.now().toString(36) };
}

export default function ({ run }) {
  const number = exec.scenario.iterationInTest;
  const response = http.post(`${URL}/orders`, body(number), {
    headers: {
      Authorization: `Bearer ${TOKENS[number % TOKENS.length]}`,
      "Content-Type": "application/json",
      "Idempotency-Key": `load-${run}-${number}`,
    },
  });
  throttled.add(response.status === THROTTLED);
  unavailable.add(response.status === UNAVAILABLE);
  if (response.status !== THROTTLED && response.status !== UNAVAILABLE) {
    check(response, {
      "accepted with an order id": (r) => r.status === ACCEPTED && Boolean(r.json("order_id")),
    });
  }
}

function body(number) {
  return JSON.stringify({
    lines: [{ sku: SKUS[number % SKUS.length], quantity: 1 }],
    email: "success@simulator.amazonses.com", // SES's mailbox simulator
    ship_to: {
      name: "Ada Lovelace",
      street: "12 St James's Square",
      city: "London",
      postal_code: "SW1Y 4JH",
      country: "GB",
    },
    payment_method: "pm_card_visa",
  });
}

function required(name) {
  if (!__ENV[name]) {
    throw new Error(`Set ${name}.`);
  }
  return __ENV[name];
}
