namespace Unlearn.MLNet.Trials;

/// <summary>What one trial measured for one forgotten row.</summary>
/// <param name="RowId">Id of the row.</param>
/// <param name="ConfidenceBefore">p_y of the row under the model before unlearning, in [0, 1].</param>
/// <param name="ConfidenceAfter">p_y of the row under the unlearned model, in [0, 1].</param>
public readonly record struct RowOutcome(string RowId, double ConfidenceBefore, double ConfidenceAfter);
