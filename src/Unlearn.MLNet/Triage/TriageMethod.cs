namespace Unlearn.MLNet.Triage;

/// <summary>A method that may serve requests.</summary>
/// <param name="Name">Its name, <see cref="ErasurePlan.Nothing"/> for leaving the model as it is.</param>
/// <param name="Seconds">What it costs.</param>
/// <param name="IsExact">Whether no row is left in the model by construction.</param>
internal sealed record TriageMethod(string Name, double Seconds, bool IsExact);
