using Unlearn.Transforms.Factors;
using Unlearn.Transforms.References;
using Unlearn.Transforms.Rows;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors.Memorization;

public sealed class MemorizationFactorTests
{
    [Fact]
    public void Memorization_and_the_z_score_equal_a_direct_computation()
    {
        using var rows = TinyRows.Training(30, 6);
        using var target = TinyRows.Trained(TorchArchitecture.Mlp(6, TinyRows.Classes, 5), rows);
        var random = new Random(4);
        var members = new ReferenceDesign(rows.Count, 9, 0.4, seed: 2).Members;
        // The models that row 3 was out of agree about it, which floors its deviation.
        float[][] psi = [.. members.Select(
            model => Enumerable.Range(0, rows.Count).Select(row => row == 3 ? (model[row] ? 2f : 0.5f) : (float)(random.NextDouble() * 6 - 2)).ToArray())];
        var references = new ReferenceModels(rows.Ids, [.. Enumerable.Range(0, rows.Count).Select(rows.LabelAt)], members, psi);
        var model = FactorModel.Fit(target.Clone(), [HardnessFactors.Memorization, HardnessFactors.MembershipZ], FactorFit.Rows(rows), null, references,
            UnknownLabelHandling.Missing, 7, 1, () => { });
        var values = model.Compute(FactorFit.Rows(rows));

        using var logits = target.Logits(rows.Features);
        var f = logits.data<float>().ToArray();
        double Mean(IEnumerable<double> of) => of.Sum() / of.Count();
        var deviations = new double[rows.Count];
        for (var row = 0; row < rows.Count; row++)
        {
            var outside = Enumerable.Range(0, 9).Where(m => !members[m][row]).Select(m => (double)psi[m][row]).ToList();
            deviations[row] = Math.Sqrt(outside.Sum(value => Math.Pow(value - Mean(outside), 2)) / (outside.Count - 1));
        }
        var sorted = deviations.Order().ToArray();
        var floor = 0.1 * (sorted[14] + sorted[15]) / 2;
        Assert.Equal(0, deviations[3]);
        for (var row = 0; row < rows.Count; row++)
        {
            double sumIn = 0, sumOut = 0, psiOut = 0;
            int countIn = 0, countOut = 0;
            for (var m = 0; m < 9; m++)
            {
                var p = 1 / (1 + Math.Exp(-psi[m][row]));
                if (members[m][row])
                    (sumIn, countIn) = (sumIn + p, countIn + 1);
                else
                    (sumOut, psiOut, countOut) = (sumOut + p, psiOut + psi[m][row], countOut + 1);
            }
            Assert.Equal(sumIn / countIn - sumOut / countOut, values[0][row], 1e-6);

            double[] own = [.. f.AsSpan(row * TinyRows.Classes, TinyRows.Classes).ToArray()];
            var probability = Math.Exp(own[rows.LabelAt(row)]) / own.Sum(Math.Exp);
            var z = (Math.Log(probability / (1 - probability)) - psiOut / countOut) / Math.Max(deviations[row], floor);
            Assert.Equal(z, values[1][row], 1e-4 * Math.Abs(z) + 1e-4);
        }
        var unknown = model.Compute(FactorFit.Rows(rows) with { Keys = [.. Enumerable.Range(0, rows.Count).Select(row => RowKey.OfId("other " + row))] });
        Assert.All(unknown, column => Assert.All(column, value => Assert.True(float.IsNaN(value))));
    }

    [Fact]
    public void A_mislabeled_row_is_memorized_and_an_ordinary_one_is_not()
    {
        var data = TinyRows.Create(60, 12);
        data[7].Label = (data[7].Label + 1) % TinyRows.Classes;
        using var rows = TrainingRows.FromDataView(TinyRows.View(new(1), data, 12));
        var recipe = new TorchRecipe(TorchArchitecture.Mlp(12, TinyRows.Classes, 32)) { Epochs = 40, BatchSize = 8, Device = TorchDevice.Cpu };
        using var target = recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), 1, cancellationToken: TestContext.Current.CancellationToken);
        var references = ReferenceModels.Train(recipe, rows, seed: 1, count: 6, cancellationToken: TestContext.Current.CancellationToken);
        var values = FactorModel.Fit(target.Clone(), [HardnessFactors.Memorization], FactorFit.Rows(rows), null, references,
            UnknownLabelHandling.Missing, 64, 1, () => { }).Compute(FactorFit.Rows(rows))[0];
        Assert.True(values[7] > 0.5, $"{values[7]}");
        Assert.True(values.Order().ElementAt(30) < 0.3);
        Assert.InRange(values.Count(value => value >= values[7]), 1, 6);
    }
}
