namespace Unlearn.MLNet.Hardness;

/// <summary>Whether a result meets its target.</summary>
/// <param name="Criterion">What is compared.</param>
/// <param name="Value">The value; NaN where it is undefined.</param>
/// <param name="Target">What it should reach.</param>
public sealed record Verdict(VerdictCriterion Criterion, double Value, double Target)
{
    /// <summary>Whether the target is met; <see langword="null"/> where the value is undefined.</summary>
    public bool? Passed => double.IsNaN(Value) ? null : Criterion == VerdictCriterion.AucInterval ? Value > Target : Value >= Target;

    /// <summary>PASS or FAIL with the figures; UNDEFINED where there is none.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{(Passed switch { true => "PASS", false => "FAIL", null => "UNDEFINED" })}: {Meaning} {Value:0.000}, target {(Criterion == VerdictCriterion.AucInterval ? "above" : "at least")} {Target:0.###}");

    private string Meaning => Criterion switch
    {
        VerdictCriterion.AucInterval => "lower end of the AUC's interval",
        VerdictCriterion.CeilingShare => "share of the ceiling's excess over 0.5",
        _ => "AUC when trained on the other unlearners",
    };
}
