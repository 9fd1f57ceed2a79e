using Unlearn.MLNet.Unlearners.Steps;
using Xunit;

namespace Unlearn.MLNet.Tests.Unlearners.Steps;

/// <summary>The rows to forget are spread over the steps of a pass over the retained ones.</summary>
public sealed class ForgottenPerStepTests
{
    [Theory]
    [InlineData(6, 3, 2)]
    [InlineData(7, 3, 3)]
    [InlineData(8, 3, 3)]
    [InlineData(1, 6, 1)]
    public void Every_row_comes_in_a_pass_at_least_once(int forget, int batches, int perStep) =>
        Assert.Equal(perStep, UnlearningRun.ForgottenPerStep(forget, batches));

    [Fact]
    public void A_pass_goes_through_all_rows_to_forget()
    {
        using var mlp = UnlearningCase.Mlp();
        // 83 retained rows in batches of 16 are 6 steps: 2 forgotten rows a step are too many by 5, 1 would be too few by 1.
        using var run = new UnlearningRun(new NegGradPlus(), mlp.Request(3, 5, 10, 22, 31, 46, 80), CancellationToken.None);
        List<float> seen = [];
        var pass = run.Mixed(1, retained => retained.CrossEntropy(), forgotten =>
        {
            seen.AddRange(forgotten.Features.select(1, 0).data<float>());
            return forgotten.CrossEntropy();
        });
        run.Train(1, pass.Times(1));
        Assert.Equal(6, pass.Rows.Count);
        Assert.Superset(run.Request.Forget.Select(row => mlp.Rows.FeaturesAt(row)[0]).ToHashSet(), seen.ToHashSet());
        run.Finish().Dispose();
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(20, 2)]
    public void Neg_grad_plus_pairs_each_batch_with_as_many_rows_to_forget_or_all_of_them(int forget, int batches)
    {
        using var mlp = UnlearningCase.Mlp();
        using var run = new UnlearningRun(new NegGradPlus(), mlp.Request([.. Enumerable.Range(0, forget)]), CancellationToken.None);
        List<int> sizes = [];
        var pass = run.Balanced(0.5, run.Forgotten(), retained => retained.CrossEntropy(), forgotten =>
        {
            sizes.Add((int)forgotten.Labels.shape[0]);
            return forgotten.CrossEntropy();
        });
        run.Train(1, pass.Times(1));
        Assert.Equal(pass.Rows.Count, sizes.Count);
        Assert.All(sizes.Chunk(batches).Where(turn => turn.Length == batches), turn => Assert.Equal(forget, turn.Sum()));
        Assert.Equal(Math.Min(forget, mlp.Recipe.BatchSize), sizes[0]);
        run.Finish().Dispose();
    }
}
