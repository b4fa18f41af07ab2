// Prepares the map at build time, so that a report carries only what it draws.
import { feature } from "topojson-client";

const kAntarctica = "010";

function ringArea(ring) {
  let sum = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) sum += ring[j][0] * ring[i][1] - ring[i][0] * ring[j][1];
  return sum / 2;
}

function ringCentre(ring) {
  const area = ringArea(ring);
  if (Math.abs(area) < 1e-9) return ring[0];
  let x = 0, y = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const cross = ring[j][0] * ring[i][1] - ring[i][0] * ring[j][1];
    x += (ring[j][0] + ring[i][0]) * cross;
    y += (ring[j][1] + ring[i][1]) * cross;
  }
  return [x / (6 * area), y / (6 * area)];
}

/** Middle of the largest piece of a country: the United States' is not in Canada because of Alaska. */
function middle(geometry) {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  const largest = polygons.map((polygon) => polygon[0]).sort((a, b) => Math.abs(ringArea(b)) - Math.abs(ringArea(a)))[0];
  return ringCentre(largest).map((degrees) => Math.round(degrees * 10) / 10);
}

// A ring that crosses the antimeridian goes on past 180 degrees instead of jumping to the other side of the map.
function unwrapped(ring) {
  let turn = 0;
  return ring.map(([longitude, latitude], at) => {
    if (at > 0) {
      const step = longitude - ring[at - 1][0];
      if (step > 180) turn -= 360;
      else if (step < -180) turn += 360;
    }
    return [Math.round((longitude + turn) * 10) / 10, Math.round(latitude * 10) / 10];
  });
}

// Pieces that went on past -180 belong beside the rest of their country, on the other side.
function eastward(ring) {
  const west = Math.min(...ring.map(([longitude]) => longitude));
  return west < -180 ? ring.map(([longitude, latitude]) => [longitude + 360, latitude]) : ring;
}

/** @returns {{outlines, points: Record<string, [longitude, latitude]>}} GeoJSON; points by ISO 3166-1 numeric code */
export function atlas(small, large) {
  const points = {}, features = [];
  for (const topology of [large, small]) {
    for (const { id, geometry } of feature(topology, topology.objects.countries).features) {
      if (!geometry || id === kAntarctica) continue;
      const polygons = (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates)
        .map((polygon) => polygon.map((ring) => eastward(unwrapped(ring))));
      const shape = { type: "MultiPolygon", coordinates: polygons };
      if (id !== undefined) points[id] = middle(shape);
      if (topology === small) features.push({ type: "Feature", properties: { name: id ?? "" }, geometry: shape });
    }
  }
  return { outlines: { type: "FeatureCollection", features }, points };
}
