package address

import "math"

// Coordinate is a place on earth in degrees, WGS 84. It is the vocabulary's GeoCoordinateInput.
type Coordinate struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

// Valid says whether the coordinate lies on earth.
func (c Coordinate) Valid() bool {
	return c.Latitude >= -90 && c.Latitude <= 90 && c.Longitude >= -180 && c.Longitude <= 180
}

// earthRadius is the mean radius in kilometers (IUGG).
const earthRadius = 6371.0088

// Distance is the great-circle distance in kilometers, by the haversine formula.
func (c Coordinate) Distance(to Coordinate) float64 {
	rad := func(deg float64) float64 { return deg * math.Pi / 180 }
	lat1, lat2 := rad(c.Latitude), rad(to.Latitude)
	dLat, dLon := lat2-lat1, rad(to.Longitude-c.Longitude)
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(lat1)*math.Cos(lat2)*math.Pow(math.Sin(dLon/2), 2)
	return 2 * earthRadius * math.Asin(math.Min(1, math.Sqrt(h)))
}
