namespace Unlearn.Transforms.Pipeline.DataViews;

/// <summary>Names and settings of a transformer's columns. <c>RowId</c> is <see langword="null"/> where the training rows had no ids.</summary>
internal sealed record FactorColumns(
    string Output,
    string Feature,
    string Label,
    string? RowId,
    string Prefix,
    int BatchSize,
    MissingFactorHandling Missing,
    UnknownLabelHandling UnknownLabels)
{
    /// <summary>Largest batch size: a cursor makes room for a batch before it reads a row.</summary>
    public const int LargestBatch = 1 << 20;
}
