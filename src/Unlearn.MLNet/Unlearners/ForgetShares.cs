namespace Unlearn.MLNet.Unlearners;

/// <summary>Default shares of the rows that a group trial forgets.</summary>
internal static class ForgetShares
{
    /// <summary>Share for exact unlearners, such as EU and SISA, in (0, 1). It is large, so that few retrainings are enough to leave each row out often.</summary>
    public const double Exact = 0.3;

    /// <summary>Share for approximate unlearners, in (0, 1). It is small, since these unlearners are made for few rows.</summary>
    public const double Approximate = 0.1;

    /// <summary>Default share for an unlearner.</summary>
    /// <param name="unlearner">The unlearner.</param>
    /// <returns><see cref="Exact"/> or <see cref="Approximate"/>.</returns>
    public static double Of(IUnlearner unlearner)
    {
        ArgumentNullException.ThrowIfNull(unlearner);
        return unlearner.IsExact ? Exact : Approximate;
    }
}
