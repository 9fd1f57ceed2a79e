using System.Globalization;
using Unlearn.MLNet.Trials.Planning;
using Unlearn.Transforms;
using Unlearn.Transforms.References;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials;

/// <summary>What the factors know of the rows must not come from the models that the hardness is measured on.</summary>
public sealed class ReferenceModelsTests
{
    [Theory]
    [InlineData("EU")]
    [InlineData("reference-models/training")]
    public void Reference_models_share_neither_seed_nor_subset_with_trials_of_the_same_root_seed(string unlearner)
    {
        string[] ids = [.. Enumerable.Range(0, 40).Select(row => row.ToString(CultureInfo.InvariantCulture))];
        for (var root = 0L; root < 20; root++)
        {
            var design = new ReferenceDesign(ids.Length, models: 10, share: 0.5, root);
            var trials = TrialPlanner.Plan(unlearner, TestTrials.Context(), ids, 40, 0.5, root).Trials;
            var seeds = trials.SelectMany(trial => new[] { trial.Seed, Seed.Derive(trial.Seed, "initialisation"), Seed.Derive(trial.Seed, "order") })
                .Append(root).Append(Seed.Derive(root, "target"));
            Assert.Empty(design.Seeds.Intersect(seeds));
            var subsets = Enumerable.Range(0, 10).Select(model => string.Join(' ', design.RowsOf(model).ToArray().Select(row => ids[row])));
            Assert.Empty(subsets.Intersect(trials.Select(trial => string.Join(' ', ids.Except(trial.ForgetIds)))));
        }
    }
}
