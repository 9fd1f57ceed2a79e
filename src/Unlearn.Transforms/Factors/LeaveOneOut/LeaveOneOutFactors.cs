namespace Unlearn.Transforms.Factors.LeaveOneOut;

/// <summary>Factors of what the other training rows say of the row, without the target.</summary>
internal static class LeaveOneOutFactors
{
    public static readonly IHardnessFactor DeletedResidual = new Factor(nameof(DeletedResidual), FactorTier.T1,
        "1 − r_y(x) with r kernel ridge regression of onehot(y) on the training rows but this one: Laplace kernel exp(−‖x − x_b‖ / w), on features, "
        + "or on the roots of tokens' shares of a row; w, the ridge and whether features are standardized by the least squared deleted residuals of up to "
        + "1,000 rows, or 500 of more than 4,096; all rows up to 4,096 are landmarks, 1,280 of more; a row asked for with another label than it trained with "
        + "counts as another row; around 0 to 1",
        LeaveOneOutRegression.Instance.Residuals)
    {
        NeedsRowId = true,
        Statistic = LeaveOneOutRegression.Instance,
        Cost = "a look-up; of other rows landmarks × features multiplications; fit: 2/3 rows² multiplications a row up to 4,096 rows, landmarks² of more",
        Source = "deleted residuals (PRESS): Allen 1974; kernel ridge regression: Saunders, Gammerman and Vovk 1998; Nyström landmarks: Rudi, "
            + "Camoriano and Rosasco, arXiv 1507.04717",
        Family = "leave-one-out",
    };
}
