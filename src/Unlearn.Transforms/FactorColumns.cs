namespace Unlearn.Transforms;

/// <summary>Names and settings of a transformer's columns.</summary>
internal sealed record FactorColumns(string Output, string Feature, string Label, string Prefix, int BatchSize, MissingFactorHandling Missing);
