using Unlearn.MLNet.Tests.Reports;
using Xunit;

namespace Unlearn.MLNet.Tests.Studies;

public sealed class StudyTransferTests
{
    private static readonly HardnessOptions Options = new() { Folds = 2, Trees = 5, Leaves = 3, MinimumRowsPerLeaf = 2 };

    [Fact]
    public void Studies_are_named_by_their_titles()
    {
        var study = StudyFixture.Study();
        study = study with { Factors = [study.Factors[0], study.Factors[2]] };
        StudyResult[] studies = [study with { Title = "one" }, study with { Title = "two", Groups = [.. Enumerable.Range(0, 30).Select(row => row / 2)] }];
        var matrix = DataSetTransfer.Evaluate([.. studies.Select(study => TransferDataSet.Of(study, "EU"))], Options, seed: 1);
        Assert.Equal(["one", "two"], matrix.Names);
        Assert.Equal(matrix.Auc[0][1], matrix.Auc[1][0]);
        Assert.All(matrix.Auc.SelectMany(line => line), auc => Assert.InRange(auc.Value, 0, 1));
    }

    [Fact]
    public void An_unlearner_that_a_study_lacks_and_undefined_factors_are_refused()
    {
        var study = StudyFixture.Study();
        var refusal = Assert.Throws<ArgumentException>(() => TransferDataSet.Of(study, "XY"));
        Assert.Contains("has no unlearner XY, only EU, FT, None.", refusal.Message, StringComparison.Ordinal);
        refusal = Assert.Throws<ArgumentException>(
            () => DataSetTransfer.Evaluate([TransferDataSet.Of(study, "EU"), TransferDataSet.Of(study, "EU")], Options, seed: 1));
        Assert.Contains("Row 5 of factor BoundaryDistance of Thirty rows & a tiny net is NaN", refusal.Message, StringComparison.Ordinal);
    }
}
