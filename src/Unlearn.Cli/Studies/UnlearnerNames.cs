using Unlearn.MLNet;

namespace Unlearn.Cli.Studies;

/// <summary>Unlearners as a command line names them.</summary>
internal static class UnlearnerNames
{
    public const string Seven = "EU,FT,SISA,NegGrad+,SalUn,SCRUB,SSD";
    public const string Three = "EU,FT,SISA";

    /// <summary>The unlearners of names that are separated by commas.</summary>
    /// <exception cref="ArgumentException">There is no unlearner of a name.</exception>
    public static IReadOnlyList<IUnlearner> Find(string names) =>
        [.. names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).DefaultIfEmpty("").Select(KnownUnlearners.Find)];

    /// <summary>Why names do not serve; <see langword="null"/> if they do.</summary>
    public static string? Refusal(string names)
    {
        IReadOnlyList<IUnlearner> found;
        try
        {
            found = Find(names);
        }
        catch (ArgumentException unknown)
        {
            return unknown.Message;
        }
        if (found.GroupBy(unlearner => unlearner.Name).FirstOrDefault(group => group.Count() > 1) is { } repeated)
            return $"--unlearners names {repeated.Key} twice.";
        return found.FirstOrDefault(unlearner => !unlearner.IsExact) is { } approximate && !found.Any(unlearner => unlearner.MakesRetrainPool)
            ? $"{approximate.Name} is scored by its residual memory against retrained models: add EU to --unlearners."
            : null;
    }
}
