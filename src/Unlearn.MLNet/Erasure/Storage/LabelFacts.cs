using Unlearn.MLNet.Triage;

namespace Unlearn.MLNet.Erasure.Storage;

/// <summary>What labels tell of all rows alike. It stays in the workspace when the labeled rows are erased.</summary>
/// <param name="Rows">Number of rows that were labeled at first.</param>
/// <param name="Tolerance">95 % quantile of the retrained models' own residual memory.</param>
/// <param name="Methods">The methods that were measured.</param>
internal sealed record LabelFacts(int Rows, double Tolerance, IReadOnlyList<LabelFacts.Method> Methods)
{
    /// <summary>A method that was measured.</summary>
    /// <param name="Name">Name.</param>
    /// <param name="Seconds">Processor seconds that it takes for a request.</param>
    /// <param name="IsExact">Whether its models never saw the rows.</param>
    /// <param name="Strength">Strength that it had in the trials; 1 for its own options.</param>
    internal sealed record Method(string Name, double Seconds, bool IsExact, double Strength);

    /// <summary>The methods, as planning sees them.</summary>
    public IReadOnlyList<TriageMethod> ForTriage() => [.. Methods.Select(method => new TriageMethod(method.Name, method.Seconds, method.IsExact))];

    /// <summary>Strength of a method; 1 for one that was not measured.</summary>
    public double StrengthOf(string name) => Methods.FirstOrDefault(method => method.Name == name)?.Strength ?? 1;
}
