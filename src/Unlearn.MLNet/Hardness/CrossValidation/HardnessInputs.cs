namespace Unlearn.MLNet.Hardness.CrossValidation;

/// <summary>Checks what hardness models are evaluated on, before any is trained.</summary>
internal static class HardnessInputs
{
    public static void Check(IReadOnlyList<FactorColumn> factors, IReadOnlyList<HardnessScores> scores, IReadOnlyList<int> groups)
    {
        if (factors.Count == 0)
            throw new ArgumentException("There is no factor to predict hardness from.");
        if (factors.GroupBy(factor => factor.Name).FirstOrDefault(name => name.Count() > 1) is { } twice)
            throw new ArgumentException($"{twice.Count()} factors are named {twice.Key}: names must differ.");
        if (scores.Count == 0)
            throw new ArgumentException("There are no hardness scores to predict.");
        foreach (var factor in factors)
            Defined($"factor {factor.Name}", factor.Values.Count, row => factor.Values[row], groups.Count);
        foreach (var score in scores)
        {
            Defined($"the score of {score.Unlearner}", score.All.Count, row => score.All[row], groups.Count);
            foreach (var half in score.Halves)
                Defined($"a half's score of {score.Unlearner}", half.Count, row => half[row], groups.Count);
        }
    }

    public static void Check(IReadOnlyList<FactorColumn> factors, IReadOnlyList<bool> labels, IReadOnlyList<int> groups, string name)
    {
        foreach (var factor in factors)
            Defined($"factor {factor.Name} of {name}", factor.Values.Count, row => factor.Values[row], groups.Count);
        Defined($"the label of {name}", labels.Count, _ => 0, groups.Count);
    }

    private static void Defined(string what, int count, Func<int, double> value, int expected)
    {
        if (count != expected)
            throw new ArgumentException($"There are {count} values of {what} but {expected} groups: both are one per row.");
        for (var row = 0; row < count; row++)
            if (double.IsNaN(value(row)))
                throw new ArgumentException($"Row {row} of {what} is NaN: leave the row out or fill the value in.");
    }
}
