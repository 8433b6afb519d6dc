package catalog

import (
	"math/big"
	"strconv"

	"github.com/wharfhq/wharf/internal/money"
)

// UnitPriceMeasurement says how much of something a variant is, and how much of it a price by measure is for: 75 CL,
// per 1 L.
type UnitPriceMeasurement struct {
	QuantityValue  float64 // with at most four decimals
	QuantityUnit   UnitPriceMeasurementMeasuredUnit
	ReferenceValue int
	ReferenceUnit  UnitPriceMeasurementMeasuredUnit
}

// UnitPriceMeasurementMeasuredUnit is a unit in which is measured.
type UnitPriceMeasurementMeasuredUnit string

// UnitPriceMeasurementMeasuredType is what is measured.
type UnitPriceMeasurementMeasuredType string

// The things that are measured.
const (
	measuredArea   UnitPriceMeasurementMeasuredType = "AREA"
	measuredCount  UnitPriceMeasurementMeasuredType = "COUNT"
	measuredLength UnitPriceMeasurementMeasuredType = "LENGTH"
	measuredVolume UnitPriceMeasurementMeasuredType = "VOLUME"
	measuredWeight UnitPriceMeasurementMeasuredType = "WEIGHT"
)

// measures has each unit with what it measures and its size, as an exact decimal, in one unit of that: liters, grams,
// meters, square meters, things.
var measures = map[UnitPriceMeasurementMeasuredUnit]struct {
	of   UnitPriceMeasurementMeasuredType
	size string
}{
	"ML": {measuredVolume, "0.001"}, "CL": {measuredVolume, "0.01"}, "L": {measuredVolume, "1"},
	"M3": {measuredVolume, "1000"}, "FL_OZ": {measuredVolume, "0.0295735295625"}, "PT": {measuredVolume, "0.473176473"},
	"QT": {measuredVolume, "0.946352946"}, "GAL": {measuredVolume, "3.785411784"},
	"MG": {measuredWeight, "0.001"}, "G": {measuredWeight, "1"}, "KG": {measuredWeight, "1000"},
	"OZ": {measuredWeight, "28.349523125"}, "LB": {measuredWeight, "453.59237"},
	"MM": {measuredLength, "0.001"}, "CM": {measuredLength, "0.01"}, "M": {measuredLength, "1"},
	"IN": {measuredLength, "0.0254"}, "FT": {measuredLength, "0.3048"}, "YD": {measuredLength, "0.9144"},
	"M2": {measuredArea, "1"}, "FT2": {measuredArea, "0.09290304"}, "ITEM": {measuredCount, "1"},
}

func exact(decimal string) *big.Rat {
	r, ok := new(big.Rat).SetString(decimal)
	if !ok {
		panic("no decimal: " + decimal)
	}
	return r
}

// MeasuredType is what is measured.
func (m UnitPriceMeasurement) MeasuredType() UnitPriceMeasurementMeasuredType {
	return measures[m.QuantityUnit].of
}

// UnitPrice is the price of the reference quantity, rounded half up; nil for a variant that is not sold by measure, and
// for a price that no currency could write.
func (v ProductVariant) UnitPrice() *money.Money {
	m := v.UnitPriceMeasurement
	if m == nil {
		return nil
	}
	sold := exact(strconv.FormatFloat(m.QuantityValue, 'f', -1, 64))
	sold.Mul(sold, exact(measures[m.QuantityUnit].size))
	price := new(big.Rat).Mul(new(big.Rat).SetInt64(v.Price.Minor), new(big.Rat).SetInt64(int64(m.ReferenceValue)))
	price.Mul(price, exact(measures[m.ReferenceUnit].size)).Quo(price, sold)
	price.Add(price, big.NewRat(1, 2))
	minor := new(big.Int).Quo(price.Num(), price.Denom())
	if !minor.IsInt64() {
		return nil
	}
	unit := money.New(minor.Int64(), v.Price.CurrencyCode)
	return &unit
}

// unitRow is a measurement as its row has it: all columns, or none.
type unitRow struct {
	quantity  *float64
	measure   *string
	reference *int
	per       *string
}

func (r unitRow) measurement() *UnitPriceMeasurement {
	if r.quantity == nil {
		return nil
	}
	return &UnitPriceMeasurement{
		QuantityValue: *r.quantity, QuantityUnit: UnitPriceMeasurementMeasuredUnit(*r.measure),
		ReferenceValue: *r.reference, ReferenceUnit: UnitPriceMeasurementMeasuredUnit(*r.per),
	}
}

func rowOf(m *UnitPriceMeasurement) unitRow {
	if m == nil {
		return unitRow{}
	}
	return unitRow{&m.QuantityValue, (*string)(&m.QuantityUnit), &m.ReferenceValue, (*string)(&m.ReferenceUnit)}
}
