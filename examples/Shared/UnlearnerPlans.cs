using Unlearn.Cli.Studies;
using Unlearn.MLNet;

namespace Unlearn.Examples;

/// <summary>How many trials of an unlearner a study runs, and how many rows each forgets.</summary>
internal static class UnlearnerPlans
{
    private const int MostNames = 3;

    public static string Describe(StudyExample example) => string.Join(' ', KnownUnlearners.All
        .GroupBy(example.TrialsOf, unlearner => unlearner.Name)
        .OrderBy(group => group.Count())
        .Select(group => Invariant($"{(group.Count() > MostNames ? "Others" : string.Join(", ", group))}: default {group.Key.Usual}, short {group.Key.Small}, ")
            + Invariant($"full {group.Key.Full}.")));

    public static UnlearnerPlan Of(IUnlearner unlearner, StudyExample example, StudySettings settings) =>
        new() { Unlearner = unlearner, Trials = settings.Trials ?? example.TrialsOf(unlearner).Of(settings.Size) };
}
