namespace Unlearn.MLNet.Triage;

/// <summary>A row of a request, as planning sees it.</summary>
/// <param name="RowId">Its id.</param>
/// <param name="IsLabeled">Whether retrained models that never saw it are known, so that its audit needs no others.</param>
/// <param name="ErasedBy">The request that it was erased by; <see langword="null"/> if it is still there.</param>
/// <param name="Prediction">What the hardness model says; <see langword="null"/> if it was not asked.</param>
internal sealed record TriageRow(string RowId, bool IsLabeled, string? ErasedBy, RowPrediction? Prediction);
