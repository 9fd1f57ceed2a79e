using Unlearn.MLNet.Studies;
using Unlearn.MLNet.Unlearners;

namespace Unlearn.Examples;

/// <summary>How many trials of an unlearner a study runs, and how many rows each forgets.</summary>
internal static class UnlearnerPlans
{
    private const double ShareOfExact = 0.3;
    private const double ShareOfApproximate = 0.1;
    private static readonly BySize<int> OfRetraining = new(8, 40, 100);
    private static readonly BySize<int> OfFineTuning = new(20, 60, 100);
    private static readonly BySize<int> OfOtherApproximate = new(20, 40, 100);

    public static string Describe(StudyExample example) => string.Join(' ', new (string Name, BySize<int> Trials)[] { ("EU", OfRetraining), ("FT", OfFineTuning), ("SISA", example.SisaTrials), ("Others", OfOtherApproximate) }
        .Select(line => $"{line.Name}: default {line.Trials.Usual}, short {line.Trials.Small}, full {line.Trials.Full}."));

    public static UnlearnerPlan Of(IUnlearner unlearner, StudyExample example, StudySettings settings)
    {
        var usual = unlearner switch
        {
            ExactRetraining => OfRetraining,
            FineTuning => OfFineTuning,
            { IsExact: true } => example.SisaTrials,
            _ => OfOtherApproximate,
        };
        return new(unlearner, settings.Trials ?? usual.Of(settings.Size), unlearner.IsExact ? ShareOfExact : ShareOfApproximate);
    }
}
